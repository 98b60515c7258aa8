using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// The one waiting rule. An edge says that a job waits for an earlier one; a lane is an edge to the lane's last open job.
/// A job whose last edge goes becomes open, or waits for its time.
/// </summary>
internal static class Edges
{
    /// <summary>
    /// What a Pending row waits for, from what it carries. Held rows keep their hold. A time that the store itself set is worth
    /// no more than the delay it was made from: the clock may have gone back since.
    /// </summary>
    private const string Reopen = """
        UPDATE job SET gate = CASE WHEN run_at > $2 AND coalesce(wait_ms, 1) > 0 THEN 1 ELSE 0 END, run_at = CASE WHEN $2 + wait_ms < run_at THEN $2 + wait_ms ELSE run_at END
        WHERE seq = $1 AND state = 0 AND gate = 2 AND NOT EXISTS (SELECT 1 FROM job_after WHERE job = $1)
        """;

    private const string SelectEndOfLane = """
        SELECT seq FROM job
        WHERE lane = $1 AND state <> 2 AND seq <> $2 AND NOT (state = 3 AND (reason > 4 OR when_dead = 1))
          AND NOT EXISTS (SELECT 1 FROM job_after JOIN job AS behind ON behind.seq = job_after.job WHERE job_after.after = job.seq AND behind.lane = $1)
        ORDER BY seq DESC LIMIT 1
        """;

    private const string SelectAllBefore = """
        WITH RECURSIVE before(seq) AS (
          SELECT after FROM job_after WHERE job = $1
          UNION
          SELECT job_after.after FROM job_after JOIN before ON job_after.job = before.seq)
        SELECT 1 FROM before WHERE seq = $2
        """;

    /// <summary>
    /// Where a lane ends: its open job that no other job of the lane waits for. As a rule that is the newest; but a retried
    /// job may have gone behind newer ones, and a newcomer behind the newest would then run beside it. Dead jobs that were
    /// skipped are no part of a lane.
    /// </summary>
    public static long? EndOfLane(Group group, string lane, long except = 0) =>
        group.QueryFirst(SelectEndOfLane, row => (long?)row.Int64(0), lane, except);

    /// <summary>Lets go of everything that waits for a job.</summary>
    public static void ReleaseBehind(Group group, long seq)
    {
        foreach (var job in Waiting(group, seq))
        {
            group.Execute("DELETE FROM job_after WHERE job = $1 AND after = $2", job, seq);
            group.Execute(Reopen, job, group.NowMs);
        }
    }

    /// <summary>Takes a job out of the middle: what waited for it waits for its own predecessors now.</summary>
    public static void HandOver(Group group, long seq)
    {
        var before = Before(group, seq);
        if (before.Count > 0)
        {
            foreach (var job in Waiting(group, seq))
            {
                foreach (var after in before)
                {
                    group.Execute("INSERT INTO job_after(job, after) VALUES ($1, $2) ON CONFLICT DO NOTHING", job, after);
                }
            }

            group.Execute("DELETE FROM job_after WHERE job = $1", seq);
        }

        ReleaseBehind(group, seq);
    }

    /// <summary>Gives a waiting job one more edge.</summary>
    public static void PutBehind(Group group, long seq, long after)
    {
        group.Execute("INSERT INTO job_after(job, after) VALUES ($1, $2) ON CONFLICT DO NOTHING", seq, after);
        group.Execute("UPDATE job SET gate = 2 WHERE seq = $1 AND state = 0 AND gate <> 3", seq);
    }

    /// <summary>Whether a job waits for another, directly or through others.</summary>
    public static bool Waits(Group group, long seq, long target) => group.Scalar(SelectAllBefore, seq, target) == 1;

    /// <summary>What a job waits for directly.</summary>
    public static List<long> Before(Group group, long seq) =>
        group.Query("SELECT after FROM job_after WHERE job = $1", row => row.Int64(0), seq);

    /// <summary>The jobs that wait directly for a job.</summary>
    public static List<long> Waiting(Group group, long seq) =>
        group.Query("SELECT job FROM job_after WHERE after = $1", row => row.Int64(0), seq);

    /// <summary>The gate of a Pending row that is no longer held.</summary>
    public static void Regate(Group group, long seq)
    {
        group.Execute("UPDATE job SET gate = 2, hold = NULL WHERE seq = $1 AND state = 0", seq);
        group.Execute(Reopen, seq, group.NowMs);
    }
}
