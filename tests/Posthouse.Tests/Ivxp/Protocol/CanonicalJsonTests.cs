using System.Text;
using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Ivxp.Protocol;

public sealed class CanonicalJsonTests
{
    private static readonly JsonElement Vectors = JsonDocument.Parse(Tree.Read("spec/ivxp/vectors/canonical-json.json").Text).RootElement;

    [Fact]
    public void Every_document_is_written_as_JavaScript_writes_it_and_hashed_as_each_peer_hashes_it()
    {
        var cases = Vectors.GetProperty("cases").EnumerateArray().ToList();
        cases.Count.ShouldBeGreaterThanOrEqualTo(150);
        foreach (var vector in cases)
        {
            var input = vector.GetProperty("input").GetString()!;
            using var document = JsonDocument.Parse(input);
            Encoding.UTF8.GetString(CanonicalJson.Write(document.RootElement)).ShouldBe(vector.GetProperty("output").GetString(), input);
            var hash = ContentHash.Of(document.RootElement);
            hash.Canonical.ShouldBe(vector.GetProperty("sha256").GetString(), input);
            hash.Raw.ShouldBe(vector.GetProperty("raw_sha256").GetString(), input);
            hash.Python.ShouldBe(vector.GetProperty("python_sha256").GetString(), input);
        }
    }

    [Fact]
    public void Writing_the_canonical_form_again_changes_nothing()
    {
        foreach (var vector in Vectors.GetProperty("cases").EnumerateArray())
        {
            using var document = JsonDocument.Parse(vector.GetProperty("output").GetString()!);
            Encoding.UTF8.GetString(CanonicalJson.Write(document.RootElement)).ShouldBe(vector.GetProperty("output").GetString());
        }
    }

    [Fact]
    public void A_receipt_may_name_any_definition_in_any_dress()
    {
        using var document = JsonDocument.Parse("""{"b":"é","a":"x"}""");
        var hash = ContentHash.Of(document.RootElement);
        hash.Python.ShouldNotBe(hash.Canonical);
        foreach (var digest in new[] { hash.Canonical, hash.Raw, hash.Python })
        {
            foreach (var claimed in new[] { digest, "0x" + digest, "sha256:" + digest, "SHA256:" + digest.ToUpperInvariant() })
                hash.Accepts(claimed).ShouldBeTrue(claimed);
        }
        hash.Wire.ShouldBe("sha256:" + hash.Canonical);
        foreach (var claimed in new[] { null, "", "sha256:", hash.Canonical[1..], hash.Canonical + "0", "md5:" + hash.Canonical, "0xsha256:" + hash.Canonical, new string('0', 64) })
            hash.Accepts(claimed).ShouldBeFalse(claimed);
    }
}
