using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>How a job becomes Dead, and what that does to those behind it.</summary>
internal static class Ending
{
    private const string Kill = """
        UPDATE job SET state = 3, gate = NULL, hold = NULL, reason = $2, instance = NULL, lease_until = NULL, ended_at = $3
        WHERE seq = $1
        RETURNING id, name, owner, bytes, attempts, when_dead
        """;

    /// <summary>Closes a job that never arrived: cancelled, expired, superseded or discarded. Its predecessors are handed over.</summary>
    public static void Close(Group group, long seq, DeadReason reason, string? message = null)
    {
        var row = Dead(group, seq, reason);
        group.Totals.Add(-1, -row.Bytes);
        JobFiles.Free(group, seq);
        group.Append(JobEventBodies.Room, row.Id, JobEventBodies.Discarded, row.Owner, JobEventBodies.OfEnded(row.Name, reason, row.Attempts, message));
        Edges.HandOver(group, seq);
    }

    /// <summary>Marks a job as in need of a decision. It stays, counts as open, and blocks what is behind it unless told otherwise.</summary>
    public static void Park(Group group, long seq, DeadReason reason, string? message = null)
    {
        var row = Dead(group, seq, reason);
        group.Append(JobEventBodies.Room, row.Id, JobEventBodies.Dead, row.Owner, JobEventBodies.OfEnded(row.Name, reason, row.Attempts, message));
        switch (row.WhenDead)
        {
            case WhenDead.Skip:
                Edges.ReleaseBehind(group, seq);
                break;
            case WhenDead.DiscardDependents:
                DiscardBehind(group, seq);
                break;
            case WhenDead.Block:
            default:
                break;
        }
    }

    /// <summary>Dead, by whichever reason.</summary>
    public static void End(Group group, long seq, DeadReason reason, string? message)
    {
        if (JobLaw.NeedsDecision(reason))
        {
            Park(group, seq, reason, message);
        }
        else
        {
            Close(group, seq, reason, message);
        }
    }

    /// <summary>Discards everything that waits for a job, directly or through others, oldest first.</summary>
    private static void DiscardBehind(Group group, long seq)
    {
        const string Dependents = """
            WITH RECURSIVE behind(seq) AS (
              SELECT job FROM job_after WHERE after = $1
              UNION
              SELECT job_after.job FROM job_after JOIN behind ON job_after.after = behind.seq)
            SELECT behind.seq FROM behind JOIN job ON job.seq = behind.seq WHERE job.state = 0 ORDER BY behind.seq
            """;
        foreach (var dependent in group.Query(Dependents, row => row.Int64(0), seq))
        {
            Close(group, dependent, DeadReason.Discarded);
        }

        Edges.ReleaseBehind(group, seq);
    }

    private static DeadRow Dead(Group group, long seq, DeadReason reason) => group.QueryFirst(Kill, row => new DeadRow(
        row.Text(0), row.Text(1), row.TextOrNull(2), row.Int64(3), (int)row.Int64(4), (WhenDead)row.Int64(5)), seq, (long)reason, group.NowMs)
        ?? throw new InvalidOperationException($"Row {seq} is gone in the middle of its transaction.");

    private sealed record DeadRow(string Id, string Name, string? Owner, long Bytes, int Attempts, WhenDead WhenDead);
}
