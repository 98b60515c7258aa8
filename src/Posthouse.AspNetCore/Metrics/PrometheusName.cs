using System.Diagnostics.Metrics;
using System.Text;

namespace Posthouse.AspNetCore.Metrics;

/// <summary>
/// What an instrument of OpenTelemetry is called in Prometheus, by the rules of the specification of both
/// (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/): the unit as a word, <c>_total</c> behind a counter.
/// </summary>
internal static class PrometheusName
{
    private const string Total = "_total";

    /// <summary>The name of an instrument's family.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="isCounter">Whether its values only rise.</param>
    public static string Of(Instrument instrument, bool isCounter)
    {
        var name = Plain(instrument.Name);
        if (isCounter && name.EndsWith(Total, StringComparison.Ordinal)) { name = name[..^Total.Length]; }
        if (Unit(instrument.Unit) is { } unit && !name.EndsWith("_" + unit, StringComparison.Ordinal)) { name = $"{name}_{unit}"; }
        return isCounter ? name + Total : name;
    }

    /// <summary>The name of a label: what may not stand in one becomes an underline, several of them one.</summary>
    public static string Plain(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var letter in name)
        {
            var fit = char.IsAsciiLetterOrDigit(letter) ? letter : '_';
            if (fit != '_' || plain.Length == 0 || plain[^1] != '_') { plain.Append(fit); }
        }

        return plain.Length == 0 || char.IsAsciiDigit(plain[0]) ? "_" + plain : plain.ToString();
    }

    /// <summary>The word of a unit; those in braces only say what is counted.</summary>
    private static string? Unit(string? unit) => unit switch
    {
        null or "" or "1" => null,
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "%" => "percent",
        _ when unit.StartsWith('{') => null,
        _ => Plain(unit),
    };
}
