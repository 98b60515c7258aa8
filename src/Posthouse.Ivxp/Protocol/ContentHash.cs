using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// The SHA-256 digests of one content under the three definitions in use (<c>spec/ivxp/wire.md</c>): clients of either kind may name
/// theirs in a receipt. Each is 64 lower-case hexadecimal digits.
/// </summary>
/// <param name="Canonical">Of the canonical JSON: what this provider writes, prefixed, as <see cref="Wire"/>.</param>
/// <param name="Raw">Of the text itself if the content is a string, else of the canonical JSON.</param>
/// <param name="Python">Of Python's <c>json.dumps(content, sort_keys=True)</c>.</param>
public sealed record ContentHash(string Canonical, string Raw, string Python)
{
    private const string Prefix = "sha256:";
    private const int DigestDigits = 64;

    /// <summary>The form on the wire: <c>sha256:</c> and 64 digits.</summary>
    public string Wire => Prefix + Canonical;

    /// <summary>The digests of a content.</summary>
    public static ContentHash Of(JsonElement content)
    {
        var canonical = Digest(CanonicalJson.Write(content));
        var raw = content.ValueKind == JsonValueKind.String ? OfText(JsonText.String(content)) : canonical;
        return new ContentHash(canonical, raw, Digest(PythonJson.Write(content)));
    }

    /// <summary>The digest of a text's UTF-8 bytes.</summary>
    public static string OfText(string text) => Digest(Encoding.UTF8.GetBytes(text));

    /// <summary>Whether a hash named by somebody else, in any case, with <c>sha256:</c>, <c>0x</c> or nothing before it, is one of these.</summary>
    public bool Accepts(string? claimed) =>
        TryStrip(claimed, out var digest) && (digest == Canonical || digest == Raw || digest == Python);

    /// <summary>Takes the prefix off a hash and makes it lower case.</summary>
    /// <returns>False if what remains is not 64 hexadecimal digits.</returns>
    public static bool TryStrip(string? claimed, [NotNullWhen(true)] out string? digest)
    {
        digest = null;
        if (claimed is null)
            return false;
        var text = claimed.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? claimed[Prefix.Length..]
            : claimed.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? claimed[2..]
            : claimed;
        if (text.Length != DigestDigits || text.AsSpan().ContainsAnyExcept(Hex.Digits))
            return false;
        digest = text.ToLowerInvariant();
        return true;
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
