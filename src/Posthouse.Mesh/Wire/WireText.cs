using System.Buffers;

namespace Posthouse.Mesh.Wire;

/// <summary>Which characters each text of the wire may have. All are ASCII: nothing on a screen moves, and nothing is written in two ways.</summary>
internal static class WireText
{
    /// <summary>An asset: <c>A-Z 0-9 . _ -</c>.</summary>
    public static readonly SearchValues<byte> Asset = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"u8);

    /// <summary>A chain: <c>a-z 0-9 . _ -</c>.</summary>
    public static readonly SearchValues<byte> Name = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-"u8);

    /// <summary>A venue and a program: every printable character.</summary>
    public static readonly SearchValues<byte> Printable = SearchValues.Create(Range(' ', '~'));

    /// <summary>An address: every printable character but the space.</summary>
    public static readonly SearchValues<byte> Address = SearchValues.Create(Range('!', '~'));

    private static readonly SearchValues<char> _nameChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");
    private static readonly SearchValues<char> _assetChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <summary>Whether a text has 1 to <paramref name="most"/> characters of <c>a-z 0-9 . _ -</c>.</summary>
    public static bool IsName(string? text, int most) => text is { Length: > 0 } && text.Length <= most && !text.AsSpan().ContainsAnyExcept(_nameChars);

    /// <summary>Whether the wire can carry prices of this asset.</summary>
    public static bool IsKey(AssetKey key) =>
        key.Asset is { Length: > 0 and <= MeshProtocol.NameChars } asset && !asset.AsSpan().ContainsAnyExcept(_assetChars) && IsName(key.Chain, MeshProtocol.NameChars);

    private static byte[] Range(char first, char last)
    {
        var range = new byte[last - first + 1];
        for (var at = 0; at < range.Length; at++)
            range[at] = (byte)(first + at);
        return range;
    }
}
