using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Posthouse.Ivxp.Protocol;

/// <summary>Timestamps of the wire: RFC 3339 with a zone on the way in, UTC with milliseconds and <c>Z</c> on the way out.</summary>
public static partial class WireTime
{
    /// <summary>Writes <paramref name="instant"/> as <c>2026-02-05T12:00:00.000Z</c>, cut to milliseconds.</summary>
    public static string Write(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a timestamp with a zone that names a real date and time; a leap second (:60) is not read.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset instant)
    {
        instant = default;
        if (text is null || Form().Match(text) is not { Success: true } match)
            return false;
        int Part(int group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        var (year, month, day, hour, minute, second) = (Part(1), Part(2), Part(3), Part(4), Part(5), Part(6));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
            return false;
        var zone = match.Groups[8].Success ? new TimeSpan(Part(9), Part(10), 0) : TimeSpan.Zero;
        if (match.Groups[8].Success && (Part(9) > 23 || Part(10) > 59))
            return false;
        var ahead = match.Groups[8].ValueSpan is "+" ? zone : -zone;
        var local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks
            + Fraction(match.Groups[7].ValueSpan);
        var ticks = local - ahead.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return false;
        instant = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    /// <summary>Whether a message stamped so may be acted on at <paramref name="now"/>: at most 300 s old and 60 s ahead.</summary>
    public static bool IsFresh(DateTimeOffset stamped, DateTimeOffset now)
    {
        var age = now - stamped;
        return age <= IvxpProtocol.Limits.MaxAge && age >= -IvxpProtocol.Limits.MaxAhead;
    }

    /// <summary>
    /// Whether a written time is at or after an instant, compared at the written one's own precision: who writes whole seconds cannot
    /// say in which part of the second something happened.
    /// </summary>
    /// <param name="written">A timestamp as <see cref="TryParse"/> takes it; another is not.</param>
    /// <param name="instant">The instant.</param>
    public static bool IsNotBefore(string? written, DateTimeOffset instant)
    {
        if (!TryParse(written, out var said))
            return false;
        var digits = Form().Match(written).Groups[7].Length;
        var unit = TimeSpan.TicksPerSecond;
        for (var digit = 0; digit < digits && unit > 1; digit++)
            unit /= 10;
        return said.UtcTicks >= instant.UtcTicks - (instant.UtcTicks % unit);
    }

    private static long Fraction(ReadOnlySpan<char> digits)
    {
        if (digits.IsEmpty)
            return 0;
        // The eighth and ninth digit are below a tick of 100 ns and add nothing.
        var unit = TimeSpan.TicksPerSecond / 10;
        var ticks = 0L;
        foreach (var digit in digits)
        {
            ticks += (digit - '0') * unit;
            unit /= 10;
        }
        return ticks;
    }

    [GeneratedRegex(
        @"^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
