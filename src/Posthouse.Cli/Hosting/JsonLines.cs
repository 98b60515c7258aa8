using System.Text;

namespace Posthouse.Cli.Hosting;

/// <summary>How a person set a JSON text: its lines, its indents, and what stands behind a value. All places are byte offsets.</summary>
internal static class JsonLines
{
    /// <summary>One step of indent for what has no neighbour to follow.</summary>
    public const string Step = "  ";

    /// <summary>The text's line end.</summary>
    public static string Break(ReadOnlySpan<byte> json) => json.IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";

    /// <summary>The blanks with which the line of a place begins.</summary>
    public static string IndentAt(ReadOnlySpan<byte> json, int place)
    {
        var line = json[LineOf(json, place)..];
        var length = line.IndexOfAnyExcept((byte)' ', (byte)'\t');
        return Encoding.ASCII.GetString(line[..Math.Max(length, 0)]);
    }

    /// <summary>Whether only blanks stand before a place in its line, and a line before that.</summary>
    public static bool IsFirst(ReadOnlySpan<byte> json, int place)
    {
        var line = LineOf(json, place);
        return line > 0 && json[line..place].IndexOfAnyExcept((byte)' ', (byte)'\t') < 0;
    }

    /// <summary>Reads on behind the last value in a pair of brackets: to the end of its line, but at least over its comma.</summary>
    /// <param name="json">The text.</param>
    /// <param name="from">Behind the value.</param>
    /// <param name="close">The closing bracket.</param>
    /// <returns>Where something new may stand, whether a comma stands before that, and whether a comment does.</returns>
    public static (int At, bool HasComma, bool HasComment) ReadTail(ReadOnlySpan<byte> json, int from, int close)
    {
        var comma = CommaIn(json, from, close);
        var (at, hasComment) = (from, false);
        for (var place = from; place < close && (json[place] != '\n' || place < comma);)
        {
            var length = CommentAt(json, place);
            hasComment |= length > 0;
            var isBlank = length == 0 && json[place] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
            place += Math.Max(length, 1);
            if (!isBlank) { at = place; }
        }

        return (at, comma >= 0, hasComment);
    }

    private static int CommaIn(ReadOnlySpan<byte> json, int from, int close)
    {
        for (var place = from; place < close; place += Math.Max(CommentAt(json, place), 1))
        {
            if (json[place] == ',') { return place; }
        }

        return -1;
    }

    /// <summary>The length of the comment that begins here, without its line's end; 0 for none.</summary>
    private static int CommentAt(ReadOnlySpan<byte> json, int place)
    {
        var rest = json[place..];
        if (rest.StartsWith("//"u8))
        {
            var end = rest.IndexOfAny((byte)'\r', (byte)'\n');
            return end < 0 ? rest.Length : end;
        }

        return rest.StartsWith("/*"u8) ? rest[2..].IndexOf("*/"u8) + 4 : 0;
    }

    private static int LineOf(ReadOnlySpan<byte> json, int place) => json[..place].LastIndexOf((byte)'\n') + 1;
}
