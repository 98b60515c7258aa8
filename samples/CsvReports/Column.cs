using System.Globalization;

namespace CsvReports;

/// <summary>One column of the file, summed up.</summary>
public sealed record Column(string Name, int Values, int Empty, int Different, string Smallest, string Largest, decimal? Mean)
{
    public static Column Of(string name, IEnumerable<string> cells)
    {
        var all = cells.ToList();
        var values = all.Where(cell => cell.Length > 0).ToList();
        var numbers = values.Select(Number).OfType<decimal>().ToList();
        var isNumeric = numbers.Count > 0 && numbers.Count == values.Count;
        var texts = values.Order(StringComparer.Ordinal).ToList();
        return new Column(name, values.Count, all.Count - values.Count, values.Distinct().Count(),
            isNumeric ? Text(numbers.Min()) : texts.FirstOrDefault(""),
            isNumeric ? Text(numbers.Max()) : texts.LastOrDefault(""),
            isNumeric ? Math.Round(numbers.Average(), 6) : null);
    }

    /// <summary>A line of a table in Markdown; what the buyer's file holds must not end a cell.</summary>
    public string Line() =>
        $"| {Cell(Name)} | {Values} | {Empty} | {Different} | {Cell(Smallest)} | {Cell(Largest)} | {(Mean is { } mean ? Text(mean) : "")} |\n";

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|");

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(decimal number) => number.ToString("G29", CultureInfo.InvariantCulture);
}
