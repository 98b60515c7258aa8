using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// The one waiting rule. An edge says that a job waits for an earlier one; a lane is an edge to the lane's last open job.
/// A job whose last edge goes becomes open, or waits for its time.
/// </summary>
internal static class Edges
{
    /// <summary>What a Pending row waits for, from what it carries. Held rows keep their hold.</summary>
    private const string Reopen = """
        UPDATE job SET gate = CASE WHEN run_at > $2 THEN 1 ELSE 0 END
        WHERE seq = $1 AND state = 0 AND gate = 2 AND NOT EXISTS (SELECT 1 FROM job_after WHERE job = $1)
        """;

    private const string SelectLastOfLane = """
        SELECT seq FROM job
        WHERE lane = $1 AND state <> 2 AND seq <> $2 AND NOT (state = 3 AND (reason > 4 OR when_dead = 1))
        ORDER BY seq DESC LIMIT 1
        """;

    /// <summary>The open job of a lane that a newcomer waits for; dead ones that are to be skipped are.</summary>
    public static long? LastOfLane(Group group, string lane, long except = 0) =>
        group.QueryFirst(SelectLastOfLane, row => (long?)row.Int64(0), lane, except);

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
        var before = group.Query("SELECT after FROM job_after WHERE job = $1", row => row.Int64(0), seq);
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

    /// <summary>Puts a job in the place of another: what waited for the one waits for the other.</summary>
    public static void Replace(Group group, long seq, long by)
    {
        foreach (var job in Waiting(group, seq).Where(job => job != by))
        {
            group.Execute("INSERT INTO job_after(job, after) VALUES ($1, $2) ON CONFLICT DO NOTHING", job, by);
            group.Execute("DELETE FROM job_after WHERE job = $1 AND after = $2", job, seq);
        }
    }

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
