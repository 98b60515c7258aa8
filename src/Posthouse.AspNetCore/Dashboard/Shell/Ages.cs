using System.Globalization;

namespace Posthouse.AspNetCore.Dashboard.Shell;

/// <summary>Times as one number and one unit, and countdowns as two. <c>dashboard.js</c> goes on counting in the same words.</summary>
internal static class Ages
{
    /// <summary>For example <c>5m ago</c>, <c>now</c> or <c>in 45s</c>.</summary>
    public static string Of(DateTimeOffset then, DateTimeOffset now)
    {
        var seconds = (long)Math.Floor((now - then).TotalSeconds);
        return seconds is 0 or -1 ? "now" : seconds > 0 ? Span(seconds) + " ago" : "in " + Span(-seconds);
    }

    /// <summary>The same with what lies ahead in two units, as the verbs count a lease down: <c>in 3h 57m</c>.</summary>
    public static string Down(DateTimeOffset then, DateTimeOffset now) => then - now is { TotalSeconds: >= 1 } left ? "in " + Left((long)left.TotalSeconds) : Of(then, now);

    private static string Left(long seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds}s"),
        < 3_600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m {seconds % 60}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3_600}h {seconds / 60 % 60}m"),
    };

    /// <summary>For example <c>5m</c>.</summary>
    public static string Span(long seconds)
    {
        var (number, unit) = seconds switch
        {
            < 60 => (seconds, "s"),
            < 3_600 => (seconds / 60, "m"),
            < 172_800 => (seconds / 3_600, "h"),
            _ => (seconds / 86_400, "d"),
        };
        return number.ToString(CultureInfo.InvariantCulture) + unit;
    }
}
