using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>The end of a try. Only the present lease settles: a stale worker's answer changes nothing, its write never runs.</summary>
internal static class Settling
{
    private const string Finish = """
        UPDATE job SET state = 2, lost = 0, instance = NULL, lease_until = NULL, result = $4, ended_at = $5
        WHERE seq = $1 AND claims = $2 AND state = 1 AND id = $3
        RETURNING name, owner, bytes
        """;

    private const string Again = """
        UPDATE job SET state = 0, gate = CASE WHEN $5 > 0 THEN 1 ELSE 0 END, lost = 0, attempts = attempts + $4,
               unreached = CASE WHEN $6 = 1 THEN unreached + 1 ELSE 0 END, run_at = $7 + $5, wait_ms = $5, instance = NULL, lease_until = NULL,
               failure_kind = coalesce($8, failure_kind), failure_status = CASE WHEN $8 IS NULL THEN failure_status ELSE $9 END, failure_text = coalesce($10, failure_text)
        WHERE seq = $1 AND claims = $2 AND state = 1 AND id = $3
        RETURNING name, owner, attempts
        """;

    private const string Note = """
        UPDATE job SET lost = 0, attempts = attempts + $4,
               failure_kind = coalesce($5, failure_kind), failure_status = CASE WHEN $5 IS NULL THEN failure_status ELSE $6 END, failure_text = coalesce($7, failure_text)
        WHERE seq = $1 AND claims = $2 AND state = 1 AND id = $3
        RETURNING name, owner, attempts
        """;

    /// <summary>Ends a try; false when the lease is not the job's present one.</summary>
    public static bool Settle(Group group, Lease lease, Settlement settlement)
    {
        if (settlement.Kind is SettlementKind.Done)
        {
            return Done(group, lease, settlement);
        }

        var cancelled = group.QueryFirst("SELECT cancel FROM job WHERE seq = $1 AND claims = $2 AND state = 1 AND id = $3",
            row => (bool?)(row.Int64(0) == 1), lease.Seq, lease.Fence, lease.Id.Value);
        if (cancelled is null)
        {
            return false;
        }

        settlement.Write?.Invoke(group);
        switch (settlement.Kind)
        {
            case SettlementKind.Dead:
                Dead(group, lease, settlement, settlement.Reason ?? DeadReason.Rejected);
                break;
            case var _ when cancelled.Value:
                Dead(group, lease, settlement, DeadReason.Cancelled);
                break;
            case SettlementKind.Again:
                TryAgain(group, lease, settlement);
                break;
            case SettlementKind.Hold:
                Hold(group, lease, settlement);
                break;
            default:
                Return(group, lease.Seq);
                break;
        }

        return true;
    }

    /// <summary>Gives a claimed job back as if it had not been claimed; only the fence stays.</summary>
    private static void Return(Group group, long seq)
    {
        group.Execute("UPDATE job SET state = 0, gate = 0, instance = NULL, lease_until = NULL WHERE seq = $1 AND state = 1", seq);
    }

    private static bool Done(Group group, Lease lease, Settlement settlement)
    {
        var row = group.ExecuteReturning(Finish, row => new { Name = row.Text(0), Owner = row.TextOrNull(1), Bytes = row.Int64(2) },
            lease.Seq, lease.Fence, lease.Id.Value, settlement.Result ?? [], group.NowMs);
        if (row is null)
        {
            return false;
        }

        settlement.Write?.Invoke(group);
        group.Totals.Add(-1, -row.Bytes);
        JobFiles.Free(group, lease.Seq);
        group.Append(JobEventBodies.Room, lease.Id.Value, JobEventBodies.Done, row.Owner, JobEventBodies.OfDone(row.Name, settlement.Result ?? []));
        Edges.ReleaseBehind(group, lease.Seq);
        return true;
    }

    private static void TryAgain(Group group, Lease lease, Settlement settlement)
    {
        var (delay, failure) = ((long)settlement.Delay.TotalMilliseconds, settlement.Failure);
        var row = group.ExecuteReturning(Again, Settled, lease.Seq, lease.Fence, lease.Id.Value, settlement.Counted ? 1 : 0, delay,
            failure?.Kind is FailureKind.NotReached ? 1 : 0, group.NowMs, (long?)failure?.Kind, failure?.StatusCode, Text(failure))!;
        if (failure is not null && failure.Kind is not FailureKind.Shutdown)
        {
            Failed(group, lease, row, failure, group.NowMs + delay, isFinal: false);
        }
    }

    private static void Hold(Group group, Lease lease, Settlement settlement)
    {
        var row = Noted(group, lease, settlement);
        group.Execute("UPDATE job SET state = 0, gate = 3, hold = $2, unreached = 0, instance = NULL, lease_until = NULL WHERE seq = $1",
            lease.Seq, (long)HoldReason.Credentials);
        if (settlement.Failure is { } failure)
        {
            Failed(group, lease, row, failure, null, isFinal: false);
        }
    }

    private static void Dead(Group group, Lease lease, Settlement settlement, DeadReason reason)
    {
        var row = Noted(group, lease, settlement);
        if (settlement.Failure is { } failure)
        {
            Failed(group, lease, row, failure, null, isFinal: true);
        }

        Ending.End(group, lease.Seq, reason, settlement.Failure?.Message);
    }

    /// <summary>Missing credentials say nothing about the job, so a hold never counts.</summary>
    private static SettledRow Noted(Group group, Lease lease, Settlement settlement) => group.ExecuteReturning(Note, Settled,
        lease.Seq, lease.Fence, lease.Id.Value, settlement.Counted && settlement.Kind is not SettlementKind.Hold ? 1 : 0, (long?)settlement.Failure?.Kind, settlement.Failure?.StatusCode,
        Text(settlement.Failure))!;

    private static void Failed(Group group, Lease lease, SettledRow row, Failure failure, long? nextAt, bool isFinal) =>
        group.Append(JobEventBodies.Room, lease.Id.Value, JobEventBodies.AttemptFailed, row.Owner,
            JobEventBodies.OfAttemptFailed(row.Name, row.Attempts, failure, nextAt, isFinal));

    private static SettledRow Settled(IRow row) => new(row.Text(0), row.TextOrNull(1), (int)row.Int64(2));

    private static string? Text(Failure? failure) => failure is null ? null : JobEventBodies.Shorten(failure.Message);

    private sealed record SettledRow(string Name, string? Owner, int Attempts);
}
