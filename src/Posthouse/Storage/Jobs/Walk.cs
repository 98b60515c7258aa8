namespace Posthouse.Storage.Jobs;

/// <summary>
/// How far a claim's round through the destinations has come: first those behind the one that was asked last, then those up
/// to it. A round may take several turns; it begins anew when rows may have opened behind it.
/// </summary>
/// <param name="At">The destination looked at last; null before the first of the present half.</param>
/// <param name="From">Where the round began; null when it began at the first destination.</param>
/// <param name="Wrapped">Whether the round is in its second half.</param>
/// <param name="More">Whether the round is not over.</param>
/// <param name="IsPaused">Whether nobody may claim from the destination looked at last.</param>
/// <param name="Asked">The last destination that was not paused: where the next round begins.</param>
internal readonly record struct Walk(string? At, string? From, bool Wrapped, bool More, bool IsPaused, string? Asked)
{
    private const string Ahead = $"SELECT destination, {Pauses.IsDestination} AS paused, 0 AS half FROM job WHERE state = 0 AND gate = 0";

    private const string Again = $"SELECT destination, {Pauses.IsDestination} AS paused, 1 AS half FROM job WHERE state = 0 AND gate = 0";

    private const string InOrder = "ORDER BY destination LIMIT 1";

    private const string First = $"{Ahead} {InOrder}";

    private const string Next = $"{Ahead} AND destination > $1 {InOrder}";

    private const string NextUpTo = $"{Again} AND destination > $1 AND destination <= $2 {InOrder}";

    /// <summary>The next one, else the first of the second half, in one journey: most queues have one destination, and so no next one.</summary>
    private const string NextOrFirstUpTo = $"""
        SELECT destination, paused, half FROM (
          SELECT * FROM ({Ahead} AND destination > $1 {InOrder}) AS a
          UNION ALL SELECT * FROM ({Again} AND destination <= $2 {InOrder}) AS b) AS one
        ORDER BY half LIMIT 1
        """;

    /// <summary>A new round behind the destination that was asked last, by whomever.</summary>
    public static Walk Behind(string? last) => new(last, last, false, true, false, last);

    /// <summary>On to the next destination with something to do; over when there is none left in this round.</summary>
    public Walk Step(IRead read)
    {
        if (At is null)
        {
            return Ask(read, First);
        }

        return Wrapped ? Ask(read, NextUpTo, At, From!)
            : From is null ? Ask(read, Next, At)
            : Ask(read, NextOrFirstUpTo, At, From);
    }

    /// <summary>The round is over; the next one begins behind the destination that was asked last.</summary>
    public Walk Over() => this with { More = false };

    private Walk Ask(IRead read, string sql, params ReadOnlySpan<SqlValue> args) =>
        read.QueryFirst(sql, row => new { At = row.Text(0), IsPaused = !row.IsNull(1), Wrapped = row.Int64(2) == 1 }, args) is { } found
            ? this with { At = found.At, IsPaused = found.IsPaused, Wrapped = found.Wrapped }
            : Over();
}
