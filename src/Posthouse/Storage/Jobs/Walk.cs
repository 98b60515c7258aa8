namespace Posthouse.Storage.Jobs;

/// <summary>
/// How far a claim's round through the destinations has come: first those behind the one that was asked last, then those up
/// to it. A round may take several turns; it begins anew when rows may have opened behind it.
/// </summary>
/// <param name="At">The destination looked at last; null before the first of the present half.</param>
/// <param name="From">Where the round began; null when it began at the first destination.</param>
/// <param name="Wrapped">Whether the round is in its second half.</param>
/// <param name="More">Whether the round is not over.</param>
/// <param name="Asked">The last destination that was not paused: where the next round begins.</param>
internal readonly record struct Walk(string? At, string? From, bool Wrapped, bool More, string? Asked)
{
    private const string First = "SELECT destination FROM job WHERE state = 0 AND gate = 0 ORDER BY destination LIMIT 1";

    private const string Next = "SELECT destination FROM job WHERE state = 0 AND gate = 0 AND destination > $1 ORDER BY destination LIMIT 1";

    private const string FirstUpTo = "SELECT destination FROM job WHERE state = 0 AND gate = 0 AND destination <= $1 ORDER BY destination LIMIT 1";

    private const string NextUpTo =
        "SELECT destination FROM job WHERE state = 0 AND gate = 0 AND destination > $1 AND destination <= $2 ORDER BY destination LIMIT 1";

    /// <summary>A new round behind the destination that was asked last, by whomever.</summary>
    public static Walk Behind(string? last) => new(last, last, false, true, last);

    /// <summary>On to the next destination with something to do; over when there is none left in this round.</summary>
    public Walk Step(IRead read)
    {
        if (!Wrapped)
        {
            var next = At is null ? Ask(read, First) : Ask(read, Next, At);
            if (next is not null || From is null)
            {
                return next is null ? Over() : this with { At = next };
            }
        }

        var again = Wrapped && At is not null ? Ask(read, NextUpTo, At, From) : Ask(read, FirstUpTo, From);
        return again is null ? Over() : this with { At = again, Wrapped = true };
    }

    /// <summary>The round is over; the next one begins behind the destination that was asked last.</summary>
    public Walk Over() => this with { More = false };

    private static string? Ask(IRead read, string sql, params ReadOnlySpan<SqlValue> args) => read.QueryFirst(sql, row => row.Text(0), args);
}
