using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Posthouse.Mesh.Providers.Sources;

namespace Posthouse.Tests.Mesh.Providers.Sources;

public sealed class JsonDecimalTests
{
    private static ReadingFlawKind? Read(string text, out decimal value) => JsonDecimal.Read(Encoding.UTF8.GetBytes(text), out value);

    [Theory]
    [InlineData("0.1", "0.1")]
    [InlineData("0.10", "0.10")]
    [InlineData("68016.03", "68016.03")]
    [InlineData("1.2e-7", "0.00000012")]
    [InlineData("1.2E+3", "1200")]
    [InlineData("-4.92", "-4.92")]
    [InlineData("0e999999999999", "0")]
    [InlineData("0.30000000000000004", "0.30000000000000004")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    public void A_number_keeps_the_digits_that_were_written(string text, string value)
    {
        Read(text, out var read).ShouldBeNull();
        read.ToString(CultureInfo.InvariantCulture).ShouldBe(value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("05")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1,000")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1 ")]
    [InlineData("\u0661")]
    public void What_is_no_number_of_json_is_none(string text) => Read(text, out _).ShouldBe(ReadingFlawKind.PriceUnreadable);

    [Theory]
    [InlineData("1e29")]
    [InlineData("1e2147483648")]
    [InlineData("1e99999999999999999999")]
    [InlineData("1e-40")]
    [InlineData("1e-99999999999999999999")]
    [InlineData("0.00000000000000000000000000000000001")]
    public void What_a_decimal_cannot_hold_is_named(string text) => Read(text, out _).ShouldBe(ReadingFlawKind.PriceOutOfRange);

    [Fact]
    public void A_number_of_endless_digits_is_named() => Read(new string('1', 100_000), out _).ShouldBe(ReadingFlawKind.PriceOutOfRange);

    [Fact]
    public void Every_decimal_comes_back_as_it_was() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<decimal>(),
        number => Read(number.ToString(CultureInfo.InvariantCulture), out var back) is null && back == number));
}
