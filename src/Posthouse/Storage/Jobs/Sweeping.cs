using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// What is finished and seen goes, in small portions that ride along with other work. Jobs that need a decision never go.
/// </summary>
internal static class Sweeping
{
    /// <summary>Jobs one call removes at most.</summary>
    public const int MaxJobs = 500;

    /// <summary>Events one call removes at most: four a job is the usual number.</summary>
    public const int MaxEvents = 2_000;

    /// <summary>Events nobody came for are kept so long; an owner unseen for so long is dropped.</summary>
    public static readonly TimeSpan KeepUnread = TimeSpan.FromDays(30);

    // The two halves each match the WHERE of a partial index to the letter.
    private const string SelectFinished = """
        SELECT seq FROM (
          SELECT seq, id, owner, ended_at FROM job WHERE state = 2 AND ended_at <= $1
          UNION ALL SELECT seq, id, owner, ended_at FROM job WHERE state = 3 AND reason > 4 AND ended_at <= $1) AS finished
        WHERE owner IS NULL OR NOT EXISTS (
          SELECT 1 FROM event_owner_seen seen JOIN event ON event.owner = seen.owner AND event.position > seen.position
          WHERE seen.owner = finished.owner AND event.subject = finished.id)
        ORDER BY ended_at, seq LIMIT $2
        """;

    private const string DeleteEvents = """
        DELETE FROM event WHERE position IN (
          SELECT position FROM event
          WHERE at <= $1 AND (at <= $2 OR owner IS NULL
            OR NOT EXISTS (SELECT 1 FROM event_owner_seen seen WHERE seen.owner = event.owner AND seen.position < event.position))
          ORDER BY position LIMIT $3)
        """;

    /// <summary>Removes what is older than <paramref name="keepMs"/>; returns how many jobs.</summary>
    public static int Sweep(Group group, long keepMs)
    {
        var before = group.NowMs - keepMs;
        var old = group.NowMs - (long)KeepUnread.TotalMilliseconds;
        group.Execute("DELETE FROM event_owner_seen WHERE seen_at <= $1", old);
        group.Execute("DELETE FROM commit_mark WHERE at <= $1 AND at < (SELECT max(at) FROM commit_mark)", old);
        group.Execute(DeleteEvents, before, old, MaxEvents);
        return Remove(group, before, MaxJobs).Count;
    }

    /// <summary>Removes finished jobs now; with <paramref name="everything"/> discards first what waits or needs a decision.</summary>
    public static int Clear(Group group, bool everything)
    {
        var changed = new HashSet<long>();
        if (everything)
        {
            changed.UnionWith(group.Query("SELECT seq FROM job WHERE state = 0 UNION ALL SELECT seq FROM job WHERE state = 3 AND reason <= 4", row => row.Int64(0)));
            foreach (var seq in changed.Order())
            {
                Ending.Close(group, seq, DeadReason.Discarded);
            }
        }

        changed.UnionWith(Remove(group, group.NowMs, int.MaxValue));
        return changed.Count;
    }

    private static List<long> Remove(Group group, long before, int limit)
    {
        var finished = group.Query(SelectFinished, row => row.Int64(0), before, limit);
        foreach (var seq in finished)
        {
            group.Execute("DELETE FROM job WHERE seq = $1", seq);
        }

        if (finished.Count > 0)
        {
            CrashPoint.Reached(CrashAt.RowsSwept);
        }

        return finished;
    }
}
