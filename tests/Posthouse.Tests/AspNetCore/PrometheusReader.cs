using System.Globalization;
using System.Text.RegularExpressions;

namespace Posthouse.Tests.AspNetCore;

/// <summary>Reads Prometheus' text format, version 0.0.4, as strictly as it is written down.</summary>
internal static partial class PrometheusReader
{
    /// <summary>Each sample, by its name with its labels.</summary>
    public static Dictionary<string, double> Parse(string text)
    {
        text.ShouldEndWith("\n");
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        var families = new HashSet<string>(StringComparer.Ordinal);
        var lines = new Queue<string>(text.Split('\n')[..^1]);
        while (lines.TryDequeue(out var line))
        {
            var name = Help().Match(line) is { Success: true } help ? help.Groups[1].Value : throw new FormatException($"A family begins with its help, not with '{line}'.");
            families.Add(name).ShouldBeTrue($"{name} comes twice");
            var type = Type().Match(lines.Dequeue()) is { Success: true } typed && typed.Groups[1].Value == name ? typed.Groups[2].Value : throw new FormatException($"{name} has no type.");
            name.EndsWith("_total", StringComparison.Ordinal).ShouldBe(type == "counter", name);
            var own = new List<(string Name, string Labels, double Value)>();
            while (lines.TryPeek(out var next) && !next.StartsWith('#'))
            {
                var sample = Sample().Match(lines.Dequeue());
                sample.Success.ShouldBeTrue(next);
                own.Add((sample.Groups[1].Value, sample.Groups[2].Value, double.Parse(sample.Groups[3].Value, CultureInfo.InvariantCulture)));
                samples.Add(own[^1].Name + own[^1].Labels, own[^1].Value);
            }

            own.ShouldNotBeEmpty(name);
            if (type == "histogram")
                CheckHistogram(name, own);
            else
                own.ShouldAllBe(sample => sample.Name == name);
        }

        return samples;
    }

    /// <summary>Each series of a histogram has its buckets, the infinite one last, then its sum and its count.</summary>
    private static void CheckHistogram(string name, List<(string Name, string Labels, double Value)> samples)
    {
        while (samples.Count > 0)
        {
            var others = Bound().Replace(samples[0].Labels, "");
            var buckets = samples.TakeWhile(sample => sample.Name == name + "_bucket" && Bound().Replace(sample.Labels, "") == others).ToList();
            var labels = others.Replace(",}", "}", StringComparison.Ordinal) is "{}" ? "" : others.Replace(",}", "}", StringComparison.Ordinal);
            samples.Skip(buckets.Count).Take(2).Select(sample => sample.Name + sample.Labels).ShouldBe([name + "_sum" + labels, name + "_count" + labels]);
            buckets.Select(bucket => bucket.Value).ShouldBe(buckets.Select(bucket => bucket.Value).Order(), "each bucket has those of the smaller ones, too");
            (Bound().Match(buckets[^1].Labels).Value, buckets[^1].Value).ShouldBe(("le=\"+Inf\"", samples[buckets.Count + 1].Value));
            buckets[..^1].Select(bucket => double.Parse(Bound().Match(bucket.Labels).Value[4..^1], CultureInfo.InvariantCulture)).ShouldBeInOrder();
            samples = samples[(buckets.Count + 2)..];
        }
    }

    [GeneratedRegex("""le="[^"]+"(?=\}$)""")]
    private static partial Regex Bound();

    [GeneratedRegex("""^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\]|\\\\|\\n)+$""")]
    private static partial Regex Help();

    [GeneratedRegex("""^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$""")]
    private static partial Regex Type();

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)(|\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*")*\}) (-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\+Inf|-Inf|NaN)$""")]
    private static partial Regex Sample();
}
