using System.Globalization;

namespace Posthouse.Cli.Output;

/// <summary>Times as people say them: one number, one unit.</summary>
internal static class Ages
{
    /// <summary>For example <c>5m ago</c>; what lies ahead by a clock that differs is <c>now</c>.</summary>
    public static string Ago(DateTimeOffset then, DateTimeOffset now) => now - then < TimeSpan.FromSeconds(1) ? "now" : Span(now - then) + " ago";

    /// <summary>For example <c>in 45s</c>; what is past is <c>now</c>.</summary>
    public static string Ahead(DateTimeOffset then, DateTimeOffset now) => then <= now ? "now" : "in " + Span(then - now);

    /// <summary>The same, to the nearest number: what was asked for a moment ago is said as it was asked, <c>in 4h</c>.</summary>
    public static string AheadAbout(DateTimeOffset then, DateTimeOffset now) => then <= now ? "now" : "in " + (then - now) switch
    {
        { TotalSeconds: < 59.5 } span => Rounded(span.TotalSeconds, "s"),
        { TotalMinutes: < 59.5 } span => Rounded(span.TotalMinutes, "m"),
        { TotalHours: < 47.5 } span => Rounded(span.TotalHours, "h"),
        var span => Rounded(span.TotalDays, "d"),
    };

    /// <summary>What is left in two units, for example <c>3h 12m</c>, <c>4m 10s</c> or <c>12s</c>.</summary>
    public static string Left(TimeSpan span) => span switch
    {
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalHours}h {span.Minutes}m"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.Minutes}m {span.Seconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, span.Seconds)}s"),
    };

    /// <summary>A lease as its holder asked for it, for example <c>4 hours</c>, <c>1 hour</c> or <c>30 minutes</c>.</summary>
    public static string Lease(TimeSpan span) => span switch
    {
        { TotalHours: >= 1, Minutes: 0, Seconds: 0 } => Counted((long)span.TotalHours, "hour"),
        { TotalMinutes: >= 1, Seconds: 0 } => Counted((long)span.TotalMinutes, "minute"),
        _ => Counted((long)span.TotalSeconds, "second"),
    };

    /// <summary>An instant, for example <c>2026-02-05 10:00:00Z</c>.</summary>
    public static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Counted(long number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number} {unit}{(number == 1 ? "" : "s")}");

    private static string Rounded(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Round(number))}{unit}");

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
