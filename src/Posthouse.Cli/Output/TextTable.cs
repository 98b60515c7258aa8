using System.Text;

namespace Posthouse.Cli.Output;

/// <summary>
/// A plain table: a header, a rule, rows padded by display width. It exists because a rendering library costs a short
/// verb more time than the verb has. Cells come from strangers, so what could steer a terminal is replaced.
/// </summary>
internal sealed class TextTable(params string[] headers)
{
    private const int Gap = 2;

    private readonly List<string[]> _rows = [];
    private readonly HashSet<int> _right = [];

    /// <summary>Numbers read best with their ends aligned.</summary>
    public TextTable AlignRight(params int[] columns)
    {
        _right.UnionWith(columns);
        return this;
    }

    /// <summary>Adds a row with one cell for each header.</summary>
    public TextTable Add(params string[] cells)
    {
        if (cells.Length != headers.Length) { throw new ArgumentException($"The table has {headers.Length} columns, the row {cells.Length}.", nameof(cells)); }
        _rows.Add(cells);
        return this;
    }

    /// <summary>Writes the table.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="unicode">False gives pure ASCII: other letters become question marks.</param>
    public void Write(TextWriter writer, bool unicode)
    {
        foreach (var line in Lines(unicode)) { writer.WriteLine(line); }
    }

    /// <summary>The table's lines.</summary>
    /// <param name="unicode">As for <see cref="Write"/>.</param>
    public IEnumerable<string> Lines(bool unicode)
    {
        var rows = _rows.Select(row => Array.ConvertAll(row, cell => Clean(cell, unicode))).Prepend(headers).ToList();
        var widths = headers.Select((_, column) => rows.Max(row => DisplayWidth.Of(row[column]))).ToArray();
        rows.Insert(1, Array.ConvertAll(widths, width => new string(unicode ? '─' : '-', width)));
        return rows.Select(row => Line(row, widths).TrimEnd());
    }

    private string Line(string[] row, int[] widths)
    {
        var line = new StringBuilder();
        for (var column = 0; column < row.Length; column++)
        {
            var padding = new string(' ', widths[column] - DisplayWidth.Of(row[column]));
            line.Append(_right.Contains(column) ? padding + row[column] : row[column] + padding).Append(' ', Gap);
        }

        return line.ToString();
    }

    /// <summary>One line of harmless letters: no control characters, no marks that turn the direction of writing.</summary>
    internal static string Clean(string cell, bool unicode)
    {
        var clean = new StringBuilder(cell.Length);
        foreach (var rune in cell.EnumerateRunes())
        {
            var steers = Rune.IsControl(rune) || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
            clean.Append(steers ? " " : unicode || rune.IsAscii ? rune.ToString() : "?");
        }

        return clean.ToString();
    }
}
