using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Posthouse.Benchmarks;

/// <summary>The rows of one benchmark: what was measured, in which unit, and what it is held against in the same run.</summary>
public sealed class Report(string name)
{
    private readonly List<Row> _rows = [];

    /// <summary>Adds a figure.</summary>
    public void Add(string what, double value, string unit, string? against = null, double? ratio = null)
    {
        _rows.Add(new Row(what, value, unit, against, ratio));
        Console.Error.WriteLine($"  {what}: {Text(value)} {unit}");
    }

    /// <summary>Adds the median of several rounds: one round meets a neighbour of the machine, three rarely all do.</summary>
    public void AddMedian(string what, IReadOnlyList<double> rounds, string unit, string? against = null, double? limit = null)
    {
        var sorted = rounds.Order().ToArray();
        var median = sorted[sorted.Length / 2];
        Add(what, median, unit, against, median / limit);
        Console.Error.WriteLine($"    rounds: {string.Join(", ", rounds.Select(Text))}");
    }

    /// <summary>A figure measured before.</summary>
    public double Value(string what) => _rows.Find(row => row.What == what)!.Value;

    public void Print(TextWriter output)
    {
        var width = _rows.Max(row => row.What.Length);
        output.WriteLine($"bench {name}");
        foreach (var row in _rows)
        {
            var ratio = row.Ratio is { } r ? $"   {r.ToString("0.00", CultureInfo.InvariantCulture)} x {row.Against}" : "";
            output.WriteLine($"  {row.What.PadRight(width)}  {Text(row.Value),12} {row.Unit,-6}{ratio}");
        }
    }

    public string ToJson() => new JsonObject
    {
        ["name"] = name,
        ["rows"] = new JsonArray([.. _rows.Select(row => new JsonObject
        {
            ["what"] = row.What, ["value"] = row.Value, ["unit"] = row.Unit, ["against"] = row.Against, ["ratio"] = row.Ratio,
        })]),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });

    private static string Text(double value) => value >= 100
        ? value.ToString("N0", CultureInfo.InvariantCulture)
        : value.ToString("0.###", CultureInfo.InvariantCulture);

    private sealed record Row(string What, double Value, string Unit, string? Against, double? Ratio);
}
