using System.Text;
using System.Text.Json;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Ivxp.Signing;

/// <summary>Both implementations against what viem signed, byte for byte.</summary>
public sealed class SigningVectorTests
{
    private static readonly JsonElement Vectors = JsonDocument.Parse(Tree.Read("spec/ivxp/vectors/signing.json").Text).RootElement;

    public static TheoryData<string> Curves => ["managed", "native"];

    internal static ISecp256k1 Curve(string name)
    {
        if (name == "managed")
            return new ManagedSecp256k1();
        var native = NativeSecp256k1.TryLoad();
        Assert.SkipWhen(native is null, "libsecp256k1 is not installed.");
        return native!;
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void Every_signature_of_viem_is_recovered_and_made_again(string name)
    {
        var curve = Curve(name);
        var cases = Vectors.GetProperty("cases").EnumerateArray().ToList();
        cases.Count.ShouldBeGreaterThanOrEqualTo(200);
        foreach (var vector in cases)
        {
            var text = vector.GetProperty("text").GetString()!;
            var expected = vector.GetProperty("signature").GetString()!;
            var checksum = vector.GetProperty("address").GetString()!;
            ("0x" + Convert.ToHexStringLower(PersonalMessage.Digest(text))).ShouldBe(vector.GetProperty("digest").GetString());
            EthereumSignature.TryParse(expected, out var signature).ShouldBeTrue(expected);
            PersonalMessage.TryRecover(text, signature!, curve, out var signer).ShouldBeTrue(expected);
            signer.ToChecksum().ShouldBe(checksum);
            var wallet = Wallet.FromSecret(Keccak256.Hash(Encoding.UTF8.GetBytes(vector.GetProperty("key_label").GetString()!)), curve);
            wallet.Address.ShouldBe(signer);
            wallet.Sign(text).ToString().ShouldBe(expected);
        }
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_changed_text_or_signature_has_another_signer_or_none(string name)
    {
        var curve = Curve(name);
        foreach (var vector in Vectors.GetProperty("cases").EnumerateArray().Take(40))
        {
            var text = vector.GetProperty("text").GetString()!;
            EthereumSignature.TryParse(vector.GetProperty("signature").GetString(), out var signature).ShouldBeTrue();
            EthereumAddress.TryParse(vector.GetProperty("address").GetString(), out var owner).ShouldBeTrue();
            PersonalMessage.IsSignedBy(text, signature!, owner, curve).ShouldBeTrue();
            PersonalMessage.IsSignedBy(text + " ", signature!, owner, curve).ShouldBeFalse();
            var flipped = signature!.ToString();
            flipped = flipped[..10] + (flipped[10] == '0' ? '1' : '0') + flipped[11..];
            if (EthereumSignature.TryParse(flipped, out var other))
                PersonalMessage.IsSignedBy(text, other, owner, curve).ShouldBeFalse();
        }
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void Keys_and_numbers_outside_the_curve_are_refused(string name)
    {
        var curve = Curve(name);
        var order = Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");
        var output = new byte[65];
        foreach (var secret in new[] { new byte[32], order, Enumerable.Repeat((byte)0xFF, 32).ToArray() })
        {
            curve.TryGetPublicKey(secret, output.AsSpan(0, 64)).ShouldBeFalse();
            curve.TrySign(new byte[32], secret, output).ShouldBeFalse();
        }
        // r = 5 is no x of a point of the curve; r = 0, s = 0 and numbers from the order upwards are no signature.
        var small = new byte[32];
        small[31] = 5;
        var one = new byte[32];
        one[31] = 1;
        foreach (var (r, s) in new[] { (small, one), (new byte[32], one), (one, new byte[32]), (order, one), (one, order) })
            curve.TryRecover(new byte[32], [.. r, .. s, 0], output.AsSpan(0, 64)).ShouldBeFalse();
        curve.TryRecover(new byte[32], [.. one, .. one, 2], output.AsSpan(0, 64)).ShouldBeFalse();
        curve.TryRecover(new byte[32], [.. one, .. one, 0], output.AsSpan(0, 64)).ShouldBeTrue();
    }

    [Fact]
    public void Both_curves_agree_on_keys_and_digests_of_any_kind()
    {
        var (managed, native) = (Curve("managed"), Curve("native"));
        var ids = new SeededIds(7);
        Span<byte> digest = stackalloc byte[32];
        for (var i = 0; i < 64; i++)
        {
            var secret = new byte[32];
            ids.Fill(secret);
            ids.Fill(digest);
            if (i == 0)
                digest.Fill(0xFF);
            byte[] first = new byte[65], second = new byte[65];
            managed.TrySign(digest, secret, first).ShouldBeTrue();
            native.TrySign(digest, secret, second).ShouldBeTrue();
            first.ShouldBe(second);
            byte[] key = new byte[64], recovered = new byte[64];
            native.TryGetPublicKey(secret, key).ShouldBeTrue();
            managed.TryRecover(digest, first, recovered).ShouldBeTrue();
            recovered.ShouldBe(key);
        }
    }

    [Fact]
    public void The_systems_library_is_preferred_where_it_is_installed() =>
        Secp256k1.Best.Name.ShouldBe(NativeSecp256k1.TryLoad() is null ? "managed" : "native");
}
