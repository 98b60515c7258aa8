using System.Text.Json;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>Reads a source's own times. They end at whole milliseconds, as the wire has them; what is cut off never makes a price younger.</summary>
internal static class SourceClock
{
    /// <summary>The longest form: nanoseconds and an offset.</summary>
    private const int MaxIsoChars = 40;

    /// <summary>Reads a JSON string in ISO 8601. Without an offset it would be read as the local time of whoever reads, and so is refused.</summary>
    public static bool TryIso(ReadOnlySpan<byte> value, out DateTimeOffset at)
    {
        at = default;
        if (value.Length is < 12 or > MaxIsoChars || value[0] != '"' || !HasOffset(value[1..^1]))
            return false;
        var reader = new Utf8JsonReader(value);
        reader.Read();
        return reader.TryGetDateTimeOffset(out var read) && TryMilliseconds(read.ToUniversalTime().ToUnixTimeMilliseconds(), out at);
    }

    /// <summary>Reads a count since 1970.</summary>
    public static bool TryUnix(decimal number, SourceTime unit, out DateTimeOffset at)
    {
        at = default;
        var milliseconds = unit == SourceTime.UnixSeconds && Math.Abs(number) < MeshProtocol.MaxUnixMilliseconds ? number * 1_000m : number;
        return milliseconds is >= 0 and <= MeshProtocol.MaxUnixMilliseconds && TryMilliseconds((long)milliseconds, out at);
    }

    private static bool HasOffset(ReadOnlySpan<byte> text) =>
        text.IndexOf((byte)'T') is var time and > 0 && (text[^1] == 'Z' || text[time..].ContainsAny((byte)'+', (byte)'-'));

    private static bool TryMilliseconds(long milliseconds, out DateTimeOffset at)
    {
        // 1970 itself is what vendors write when they know no time.
        var isOne = milliseconds is > 0 and <= MeshProtocol.MaxUnixMilliseconds;
        at = isOne ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : default;
        return isOne;
    }
}
