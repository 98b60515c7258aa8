using System.Globalization;

namespace Posthouse.Retry;

/// <summary>The Retry-After field of RFC 9110 §10.2.3: seconds, or a date in one of the three forms of §5.6.7.</summary>
public static class RetryAfter
{
    // The preferred form first; the two obsolete ones must still be read.
    private static readonly string[] Dates = ["r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    /// <summary>How long the field asks to wait. Plans cap it; see <see cref="RetryPlan.MaxRetryAfter"/>.</summary>
    /// <param name="header">The field's value, or null when there is none.</param>
    /// <param name="now">The present time, from which a date counts.</param>
    /// <returns>Zero or more; null for no field, one that cannot be read, and a time that is past.</returns>
    public static TimeSpan? Parse(string? header, DateTimeOffset now)
    {
        var value = header.AsSpan().Trim();
        if (value.IsEmpty)
        {
            return null;
        }

        if (!value.ContainsAnyExceptInRange('0', '9'))
        {
            // More seconds than an int holds mean "a very long time", as RFC 9111 §1.2.2 reads them.
            var seconds = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : int.MaxValue;
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParseExact(value, Dates, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite, out var at) && at >= now
            ? at - now
            : null;
    }
}
