using System.Security.Cryptography;
using System.Text;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Mesh.Wire;

public sealed class IdentityTests
{
    private static readonly MessageDigest Digest = SignedBytes.Of(SampleFrames.Network, 1, "something"u8);

    [Fact]
    public void The_first_start_makes_a_key_that_only_this_user_can_read_and_later_ones_find_it()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "node.key");
        using var made = EcdsaKey.Open(path);
        using var found = EcdsaKey.Open(path);
        found.Public.ShouldBe(made.Public);
        found.Public.Id.ShouldBe(made.Public.Id);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(folder.Path).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_key_file_that_others_may_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps rights elsewhere.");
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "node.key");
        EcdsaKey.Open(path).Dispose();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupRead);
        Should.Throw<PosthouseException>(() => EcdsaKey.Open(path)).Message.ShouldContain("chmod 600");
    }

    [Fact]
    public void A_file_that_holds_no_secret_of_the_curve_is_refused_and_left_alone()
    {
        using var folder = new TempFolder();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var right = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string[] contents = ["", "no key", other.ExportPkcs8PrivateKeyPem(), right.ExportSubjectPublicKeyInfoPem()];
        for (var at = 0; at < contents.Length; at++)
        {
            var path = Path.Combine(folder.Path, $"{at}.key");
            Posthouse.Storage.Durable.WriteAllBytesAtomically(path, Encoding.ASCII.GetBytes(contents[at]));
            Should.Throw<PosthouseException>(() => EcdsaKey.Open(path)).Code.ShouldBe(ErrorCodes.OptionsInvalid);
            File.ReadAllText(path).ShouldBe(contents[at]);
        }
    }

    [Fact]
    public void A_key_is_the_same_in_every_form()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var spki = pair.ExportSubjectPublicKeyInfo();
        PublicKey.TryParse(Convert.ToBase64String(spki), out var key).ShouldBeTrue();
        key!.Id.ShouldBe(NodeId.Of(spki));
        key.ToString().ShouldBe(Convert.ToBase64String(spki));
        PublicKey.TryParse(Convert.ToBase64String(spki[1..]), out _).ShouldBeFalse();
        PublicKey.TryParse("not a key", out _).ShouldBeFalse();
        PublicKey.TryParse(null, out _).ShouldBeFalse();
    }

    [Fact]
    public void Only_the_holder_of_the_key_signs_and_only_what_was_signed_is_signed()
    {
        using var key = EcdsaKey.Create();
        using var other = EcdsaKey.Create();
        var signatures = new EcdsaSignatures();
        var signature = new byte[64];
        key.Sign(Digest, signature);
        signatures.IsSigned(key.Public, Digest, signature).ShouldBeTrue();
        signatures.IsSigned(other.Public, Digest, signature).ShouldBeFalse();
        signatures.IsSigned(key.Public, Digest with { Low = Digest.Low ^ 1 }, signature).ShouldBeFalse();
        signatures.IsSigned(key.Public, Digest, signature.AsSpan(1)).ShouldBeFalse();
        signature[63] ^= 1;
        signatures.IsSigned(key.Public, Digest, signature).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x01)]
    [InlineData(0xFF)]
    public void A_signature_of_impossible_numbers_is_no_signature(byte fill)
    {
        using var key = EcdsaKey.Create();
        new EcdsaSignatures().IsSigned(key.Public, Digest, Enumerable.Repeat(fill, 64).ToArray()).ShouldBeFalse();
    }

    [Fact]
    public void A_point_beside_the_curve_signed_nothing_and_parsed_keys_are_bounded()
    {
        var signatures = new EcdsaSignatures();
        using var key = EcdsaKey.Create();
        var signature = new byte[64];
        key.Sign(Digest, signature);
        for (ulong stranger = 0; stranger < 3_000; stranger++)
            signatures.IsSigned(new TagKey(stranger).Public, Digest, signature).ShouldBeFalse();
        signatures.Kept.ShouldBeLessThanOrEqualTo(EcdsaSignatures.MaxKeys);
        signatures.IsSigned(key.Public, Digest, signature).ShouldBeTrue();
    }

    [Fact]
    public void What_is_signed_is_the_prefix_the_network_the_type_and_the_body()
    {
        byte[] text = [.. "posthouse-mesh/1\0"u8, .. SHA256.HashData("test"u8).AsSpan(0, 16), 0x11, 1, 2, 3];
        var digest = SHA256.HashData(text);
        SignedBytes.Of(NetworkId.Of("test"), 0x11, [1, 2, 3]).ShouldBe(MessageDigest.Read(digest));
        SignedBytes.Of(NetworkId.Of("test"), 0x11, [1, 2, 3]).Id.ToString().ShouldBe(Convert.ToHexStringLower(digest.AsSpan(0, 16)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Main")]
    [InlineData("a b")]
    public void A_mesh_has_a_plain_name(string name) => Should.Throw<PosthouseException>(() => NetworkId.Of(name)).Code.ShouldBe(ErrorCodes.OptionsInvalid);

    [Fact]
    public void Every_start_has_a_higher_epoch_also_after_the_count_was_lost()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "node.epoch");
        var first = EpochFile.Next(path, SampleFrames.Now);
        EpochFile.Next(path, SampleFrames.Now).ShouldBe(first + 1);
        EpochFile.Next(path, SampleFrames.Now.AddDays(-9)).ShouldBe(first + 2);
        File.WriteAllText(path, "damaged");
        EpochFile.Next(path, SampleFrames.Now.AddSeconds(5)).ShouldBeGreaterThan(first + 2);
        File.Delete(path);
        EpochFile.Next(path, SampleFrames.Now.AddSeconds(9)).ShouldBeGreaterThan(first + 6);
    }

    [Fact]
    public void A_tag_fits_one_message_of_one_signer()
    {
        var tags = new TagSignatures();
        var key = new TagKey(1);
        var tag = new byte[16];
        key.Sign(Digest, tag);
        tags.IsSigned(key.Public, Digest, tag).ShouldBeTrue();
        tags.IsSigned(new TagKey(2).Public, Digest, tag).ShouldBeFalse();
        tags.IsSigned(key.Public, Digest with { High = Digest.High + 1 }, tag).ShouldBeFalse();
    }
}
