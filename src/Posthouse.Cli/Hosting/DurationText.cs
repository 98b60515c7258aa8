using System.Buffers;
using System.Globalization;

namespace Posthouse.Cli.Hosting;

/// <summary>Durations as people write them on a command line: <c>90s</c>, <c>30m</c>, <c>4h</c>, <c>2d</c>, <c>1h30m</c>; or by the clock, <c>00:10:00</c>.</summary>
internal static class DurationText
{
    /// <summary>No lease and no wait is longer than a year; a typing error may be.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(366);

    private static readonly SearchValues<char> _number = SearchValues.Create("0123456789.");

    /// <summary>What is taken, for the help of an option.</summary>
    public const string Taken = "such as 30s, 5m, 4h, 2d or 00:10:00";

    /// <summary>Reads one.</summary>
    /// <param name="option">The option it was given with, for the message.</param>
    /// <param name="text">What was given.</param>
    /// <param name="bareUnit">What a number without a unit counts, for example hours of a lease; null: a unit is needed.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it is none, not above 0, or longer than a year.</exception>
    public static TimeSpan Parse(string option, string text, TimeSpan? bareUnit = null)
    {
        if (bareUnit is { } bare && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return Checked(option, text, number * bare.TotalSeconds);
        }

        return Seconds(text) is { } seconds and > 0 ? Checked(option, text, seconds) : throw Refused(option, text, bareUnit);
    }

    /// <summary>Reads one from 0 to a year.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var seconds = Seconds(text);
        duration = seconds <= _longest.TotalSeconds ? TimeSpan.FromSeconds(seconds.Value) : TimeSpan.Zero;
        return seconds <= _longest.TotalSeconds;
    }

    private static double? Seconds(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParseExact(text.Trim(), "c", CultureInfo.InvariantCulture, out var clock) && clock >= TimeSpan.Zero ? clock.TotalSeconds : null;
        }

        var rest = text.AsSpan().Trim();
        double? seconds = null;
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExcept(_number);
            if (digits < 1 || Unit(rest[digits]) is not { } unit || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            {
                return null;
            }

            seconds = (seconds ?? 0) + count * unit;
            rest = rest[(digits + 1)..];
        }

        return seconds;
    }

    private static double? Unit(char letter) => letter switch
    {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => null,
    };

    private static TimeSpan Checked(string option, string text, double seconds) => seconds >= 1 && seconds <= _longest.TotalSeconds
        ? TimeSpan.FromSeconds(Math.Floor(seconds))
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{option} {text}: from 1s to {_longest.TotalDays} days are taken.");

    private static PosthouseException Refused(string option, string text, TimeSpan? bareUnit) => new(ErrorCodes.OptionsInvalid,
        $"{option} {text}: a duration {Taken} is taken{(bareUnit == TimeSpan.FromHours(1) ? ", or a number of hours" : "")}.");
}
