using System.Globalization;
using System.Text;

namespace Posthouse.Cli.Output;

/// <summary>How many terminal cells a text takes: none for marks that join a letter, two for wide letters (Unicode TR 11), else one.</summary>
internal static class DisplayWidth
{
    /// <summary>First and last code points of the blocks that terminals draw two cells wide.</summary>
    private static readonly (int First, int Last)[] _wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF), (0x20000, 0x3FFFD),
    ];

    public static int Of(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes()) { width += Of(rune); }
        return width;
    }

    public static int Of(Rune rune)
    {
        if (rune.Value < 0x300) { return 1; }

        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format) { return 0; }

        return Array.Exists(_wide, block => rune.Value >= block.First && rune.Value <= block.Last) ? 2 : 1;
    }
}
