using System.Numerics;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Tests.Ivxp.Signing;

public sealed class EthereumSignatureTests
{
    private static readonly BigInteger Order = BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", System.Globalization.NumberStyles.HexNumber);
    private static readonly Wallet Signer = Wallet.Create(new SeededIds(1), new ManagedSecp256k1());

    [Theory]
    [InlineData(0)]
    [InlineData(27)]
    public void V_is_read_in_both_habits_and_written_as_wallets_do(int first)
    {
        var text = Signer.Sign("hello").ToString();
        var bit = Convert.ToInt32(text[130..], 16) - 27;
        EthereumSignature.TryParse($"{text[..130]}{first + bit:x2}", out var read).ShouldBeTrue();
        read!.ToString().ShouldBe(text);
        EthereumSignature.TryParse(text[2..].ToUpperInvariant(), out read).ShouldBeTrue();
        read!.ToString().ShouldBe(text);
    }

    [Fact]
    public void The_second_signature_that_anybody_can_make_of_a_first_is_refused()
    {
        var text = Signer.Sign("hello").ToString();
        var s = BigInteger.Parse("0" + text[66..130], System.Globalization.NumberStyles.HexNumber);
        var twin = $"{text[..66]}{Digits(Order - s)}{(text.EndsWith("1b", StringComparison.Ordinal) ? "1c" : "1b")}";
        EthereumSignature.TryParse(twin, out _).ShouldBeFalse();
    }

    [Fact]
    public void Zero_and_numbers_beyond_the_limits_are_refused_and_the_limits_are_not()
    {
        var half = Order / 2;
        Reads(1, 1).ShouldBeTrue();
        Reads(Order - 1, half).ShouldBeTrue();
        Reads(0, 1).ShouldBeFalse();
        Reads(1, 0).ShouldBeFalse();
        Reads(Order, 1).ShouldBeFalse();
        Reads(1, half + 1).ShouldBeFalse();

        static bool Reads(BigInteger r, BigInteger s) => EthereumSignature.TryParse($"0x{Digits(r)}{Digits(s)}1b", out _);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0x00")]
    [InlineData("not hexadecimal")]
    public void Other_forms_are_refused(string? text) => EthereumSignature.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("02")]
    [InlineData("1a")]
    [InlineData("1d")]
    [InlineData("25")]
    [InlineData("ff")]
    [InlineData("1b00")]
    [InlineData("1")]
    public void Other_values_of_v_are_refused(string v) => EthereumSignature.TryParse(Signer.Sign("hello").ToString()[..130] + v, out _).ShouldBeFalse();

    private static string Digits(BigInteger number) => number.ToString("x64", System.Globalization.CultureInfo.InvariantCulture)[^64..];
}
