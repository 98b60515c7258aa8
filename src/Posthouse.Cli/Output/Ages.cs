using System.Globalization;

namespace Posthouse.Cli.Output;

/// <summary>Times as people say them: one number, one unit.</summary>
internal static class Ages
{
    /// <summary>For example <c>5m ago</c>; what lies ahead by a clock that differs is <c>now</c>.</summary>
    public static string Ago(DateTimeOffset then, DateTimeOffset now) => now - then < TimeSpan.FromSeconds(1) ? "now" : Span(now - then) + " ago";

    /// <summary>For example <c>in 45s</c>; what is past is <c>now</c>.</summary>
    public static string Ahead(DateTimeOffset then, DateTimeOffset now) => then <= now ? "now" : "in " + Span(then - now);

    private static string Span(TimeSpan span)
    {
        var (number, unit) = span switch
        {
            { TotalSeconds: < 60 } => (Math.Ceiling(span.TotalSeconds), "s"),
            { TotalMinutes: < 60 } => (Math.Floor(span.TotalMinutes), "m"),
            { TotalHours: < 48 } => (Math.Floor(span.TotalHours), "h"),
            _ => (Math.Floor(span.TotalDays), "d"),
        };
        return number.ToString(CultureInfo.InvariantCulture) + unit;
    }
}
