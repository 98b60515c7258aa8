using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// What time does to rows, in the transaction of a claim: unsent jobs expire, waiting ones become due, and leases whose end
/// has passed are free again. There is no rescuer beside it.
/// </summary>
internal static class DueRows
{
    /// <summary>Rows of each sort one turn handles, so that a group stays short; the rest follows in the next turn.</summary>
    public const int MaxPerTurn = 1_000;

    private const string AnythingDue = $"""
        SELECT (SELECT 1 FROM job WHERE state = 1 AND instance <> $1 AND lease_until <= $2 LIMIT 1),
               (SELECT 1 FROM job WHERE state = 0 AND expires_at IS NOT NULL AND expires_at <= $2 LIMIT 1),
               (SELECT 1 FROM job WHERE state = 0 AND gate = 1 AND run_at <= $2 LIMIT 1),
               {Pauses.IsAll}
        """;

    private const string LostLeases = "SELECT seq FROM job WHERE state = 1 AND instance <> $1 AND lease_until <= $2 LIMIT $3";

    private const string ExpiredRows = "SELECT seq FROM job WHERE state = 0 AND expires_at IS NOT NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2";

    private const string OpenDue = """
        UPDATE job SET gate = 0 WHERE seq IN (SELECT seq FROM job WHERE state = 0 AND gate = 1 AND run_at <= $1 ORDER BY run_at LIMIT $2)
        """;

    /// <summary>No retry waits longer than its own delay from now.</summary>
    public const string ClampWaits =
        "UPDATE job SET run_at = $1 + wait_ms WHERE state = 0 AND gate = 1 AND wait_ms IS NOT NULL AND run_at > $1 + wait_ms";

    /// <summary>Does what is due.</summary>
    /// <returns>Whether a limit left some for the next turn; and whether all claims are paused, which is asked in the same journey.</returns>
    public static (bool More, bool IsPaused) Run(Group group, string claimer)
    {
        var due = group.QueryFirst(AnythingDue,
            row => new { Lost = !row.IsNull(0), Expired = !row.IsNull(1), Opens = !row.IsNull(2), IsPaused = !row.IsNull(3) }, claimer, group.NowMs)!;
        // Lost leases first: a job that comes back from one may have expired meanwhile.
        var lost = due.Lost ? group.Query(LostLeases, row => row.Int64(0), claimer, group.NowMs, MaxPerTurn) : [];
        lost.ForEach(seq => Lose(group, seq));
        var expired = due.Lost || due.Expired ? group.Query(ExpiredRows, row => row.Int64(0), group.NowMs, MaxPerTurn) : [];
        expired.ForEach(seq => Ending.Close(group, seq, DeadReason.Expired));
        var opened = due.Opens ? group.Execute(OpenDue, group.NowMs, MaxPerTurn) : 0;
        return (expired.Count == MaxPerTurn || opened == MaxPerTurn || lost.Count == MaxPerTurn, due.IsPaused);
    }

    /// <summary>A worker is gone without an answer. At the last time in a row that its declaration allows, the job itself is suspected.</summary>
    public static void Lose(Group group, long seq)
    {
        var row = group.QueryFirst("UPDATE job SET lost = lost + 1 WHERE seq = $1 RETURNING lost, cancel, max_lost",
            row => new { Lost = row.Int64(0), Cancel = row.Int64(1) == 1, MaxLost = row.Int64(2) }, seq)!;
        if (row.Cancel)
        {
            Ending.Close(group, seq, DeadReason.Cancelled);
        }
        else if (row.Lost >= row.MaxLost)
        {
            Ending.Park(group, seq, DeadReason.Crashed);
        }
        else
        {
            group.Execute("UPDATE job SET state = 0, gate = 0, instance = NULL, lease_until = NULL WHERE seq = $1", seq);
        }
    }

    /// <summary>When time will next change a row, in Unix milliseconds; null when nothing waits for time.</summary>
    public static long? Next(IRead read, string claimer) => read.QueryFirst("""
        SELECT min(at) FROM (
          SELECT min(run_at) AS at FROM job WHERE state = 0 AND gate = 1
          UNION ALL SELECT min(expires_at) FROM job WHERE state = 0 AND expires_at IS NOT NULL
          UNION ALL SELECT min(lease_until) FROM job WHERE state = 1 AND instance <> $1) AS due
        """, row => row.Int64OrNull(0), claimer);
}
