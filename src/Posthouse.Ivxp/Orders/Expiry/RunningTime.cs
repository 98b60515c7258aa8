using System.Globalization;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Expiry;

/// <summary>
/// How long this provider has run, in all, by a clock that nobody can set: what the monotonic clocks of its processes measured between
/// two looks of each, kept in the store. Time for which the provider was down, slept or had its wall clock moved adds
/// nothing, and that is the point: results are removed by this clock, so that a wall clock that jumps removes none.
/// </summary>
internal sealed class RunningTime(TimeProvider time, IIds ids)
{
    private readonly string _process = ids.NextUInt64().ToString("x16", CultureInfo.InvariantCulture);

    // Written by the store's one writing thread alone.
    private volatile Seen? _seen;

    /// <summary>The running time as of the last look of any process; behind the present one, never ahead.</summary>
    public static TimeSpan Read(IRead read) => TimeSpan.FromMilliseconds(read.Scalar("SELECT ran_ms FROM ivxp_clock WHERE id = 1"));

    /// <summary>The running time now; the first question of a process is a look.</summary>
    public TimeSpan Now(IWrite write) => _seen is { } seen ? seen.Ran + time.GetElapsedTime(seen.At) : Look(write);

    /// <summary>
    /// Notes what passed since this process looked last, and answers the whole. The first look of a process adds nothing. Of several
    /// processes each says how far it is at least, for it ran from its last look to this one, and the furthest is taken: an hour
    /// for which three ran counts as one. Too little counted keeps contents longer, too much would remove them early.
    /// </summary>
    public TimeSpan Look(IWrite write)
    {
        var now = time.GetTimestamp();
        var atLeast = _seen is { } seen ? (long)(seen.Ran + time.GetElapsedTime(seen.At, now)).TotalMilliseconds : 0;
        if (write.Execute("UPDATE ivxp_clock SET ran_ms = CASE WHEN ran_ms < $1 THEN $1 ELSE ran_ms END, looked_by = $2 WHERE id = 1", atLeast, _process) == 0)
            write.Execute("INSERT INTO ivxp_clock (id, ran_ms, looked_by) VALUES (1, 0, $1)", _process);
        var ran = Read(write);
        _seen = new Seen(ran, now);
        return ran;
    }

    private sealed record Seen(TimeSpan Ran, long At);
}
