using System.Globalization;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Expiry;

/// <summary>
/// How long this provider has run, in all, by a clock that nobody can set: the sum of what the monotonic clock measured between
/// two looks of one process, kept in the store. Time for which the provider was down, slept or had its wall clock moved adds
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
    /// Adds what passed since this process looked last, and answers the sum. The first look of a process adds nothing, and so does one
    /// after another process looked: too little counted keeps contents longer, too much would remove them early. For the same reason
    /// a transaction that is undone may lose what it added.
    /// </summary>
    public TimeSpan Look(IWrite write)
    {
        var now = time.GetTimestamp();
        var passed = _seen is { } seen ? (long)time.GetElapsedTime(seen.At, now).TotalMilliseconds : 0;
        var added = write.Execute("UPDATE ivxp_clock SET ran_ms = ran_ms + $1 WHERE id = 1 AND looked_by = $2", passed, _process);
        if (added == 0 && write.Execute("UPDATE ivxp_clock SET looked_by = $1 WHERE id = 1", _process) == 0)
            write.Execute("INSERT INTO ivxp_clock (id, ran_ms, looked_by) VALUES (1, 0, $1)", _process);
        var ran = Read(write);
        _seen = new Seen(ran, now);
        return ran;
    }

    private sealed record Seen(TimeSpan Ran, long At);
}
