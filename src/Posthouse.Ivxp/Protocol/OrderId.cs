using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Posthouse.Jobs;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// The name of an order: <c>ivxp-</c> and a UUID of version 4 (RFC 9562, section 5.4). Its 122 random bits are the only
/// key to an anonymous download, so ids are never listed or logged whole.
/// </summary>
public static partial class OrderId
{
    /// <summary>A new id, drawn from <paramref name="ids"/>.</summary>
    public static string New(IIds ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Span<byte> bytes = stackalloc byte[16];
        ids.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return $"ivxp-{new Guid(bytes, bigEndian: true):D}";
    }

    /// <summary>Whether <paramref name="text"/> has the form of an id, in lower case.</summary>
    public static bool IsValid([NotNullWhen(true)] string? text) => text is not null && Form().IsMatch(text);

    [GeneratedRegex(@"^ivxp-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
