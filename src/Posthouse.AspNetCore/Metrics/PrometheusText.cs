using System.Globalization;
using System.Text;

namespace Posthouse.AspNetCore.Metrics;

/// <summary>Writes Prometheus' text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
internal sealed class PrometheusText
{
    /// <summary>What the format is called in answers.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>Begins a family; its samples follow.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
    /// <param name="help">What it tells; empty: its name says it.</param>
    public void Family(string name, string type, string? help) =>
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Help(string.IsNullOrEmpty(help) ? name : help)}\n# TYPE {name} {type}\n");

    /// <summary>Writes one value.</summary>
    /// <param name="name">The family's name, of a histogram with what is told of it.</param>
    /// <param name="labels">What tells it apart from others of its family; names must be as <see cref="PrometheusName.Plain"/> makes them.</param>
    /// <param name="value">The value.</param>
    public void Sample(string name, IEnumerable<KeyValuePair<string, string>> labels, double value)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var (label, said) in labels)
        {
            _text.Append(separator).Append(label).Append("=\"").Append(Escaped(said)).Append('"');
            separator = ',';
        }

        if (separator == ',') { _text.Append('}'); }
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>Writes the values of one histogram.</summary>
    /// <param name="name">The family's name.</param>
    /// <param name="labels">As above.</param>
    /// <param name="bounds">Upper bounds, ascending, without the infinite one.</param>
    /// <param name="counts">How many values lie in each, and how many beyond.</param>
    /// <param name="sum">All values together.</param>
    public void Histogram(string name, IReadOnlyList<KeyValuePair<string, string>> labels, IReadOnlyList<double> bounds, IReadOnlyList<long> counts, double sum)
    {
        var total = 0L;
        for (var at = 0; at < counts.Count; at++)
        {
            total += counts[at];
            Sample(name + "_bucket", labels.Append(new("le", at < bounds.Count ? Number(bounds[at]) : "+Inf")), total);
        }

        Sample(name + "_sum", labels, sum);
        Sample(name + "_count", labels, total);
    }

    /// <summary>All that was written.</summary>
    public override string ToString() => _text.ToString();

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Help(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Escaped(string text) => Help(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
