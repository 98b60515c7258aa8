using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Egress;

/// <summary>
/// The header fields of Standard Webhooks, version 1.0.0: id, time and an HMAC-SHA256 over <c>id.timestamp.body</c>. The id is
/// the same on every attempt and the time is fresh, so that a receiver can refuse what is old and drop what it has.
/// </summary>
internal static class WebhookSignature
{
    private const string Scheme = "v1,";

    // The specification asks for 24 to 64 bytes.
    private const int MinKeyBytes = 24;
    private const int MaxKeyBytes = 64;

    /// <summary>The three fields.</summary>
    /// <param name="secret">A secret that <see cref="TryKey"/> reads.</param>
    /// <param name="id">The delivery's id.</param>
    /// <param name="now">The time of this attempt.</param>
    /// <param name="body">The body's bytes as they are sent.</param>
    /// <exception cref="FormatException">The secret is none.</exception>
    public static KeyValuePair<string, string>[] Fields(string secret, string id, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var key = TryKey(secret) ?? throw new FormatException("A webhook secret is whsec_ and the base64 of 24 to 64 bytes.");
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return
        [
            KeyValuePair.Create(IvxpProtocol.Headers.WebhookId, id),
            KeyValuePair.Create(IvxpProtocol.Headers.WebhookTimestamp, timestamp),
            KeyValuePair.Create(IvxpProtocol.Headers.WebhookSignature, Sign(key, id, timestamp, body)),
        ];
    }

    /// <summary>The signature as it stands in its field, behind the name of its scheme.</summary>
    /// <param name="key">The secret's bytes.</param>
    /// <param name="id">The delivery's id.</param>
    /// <param name="timestamp">Seconds since 1970 as text, in the very signs that travel.</param>
    /// <param name="body">The body's bytes as they travel.</param>
    public static string Sign(ReadOnlySpan<byte> key, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return Scheme + Convert.ToBase64String(hmac.GetHashAndReset());
    }

    /// <summary>The key of a secret, or null if the text is no secret.</summary>
    public static byte[]? TryKey(string secret)
    {
        if (!secret.StartsWith(IvxpProtocol.WebhookSecretPrefix, StringComparison.Ordinal))
            return null;
        var key = new byte[MaxKeyBytes];
        return Convert.TryFromBase64String(secret[IvxpProtocol.WebhookSecretPrefix.Length..], key, out var length) && length >= MinKeyBytes ? key[..length] : null;
    }
}
