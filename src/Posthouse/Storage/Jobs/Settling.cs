using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>The end of a try. Only the present lease settles: a stale worker's answer changes nothing, its write never runs.</summary>
internal static class Settling
{
    private const string SelectLeased = "SELECT name, owner, bytes, attempts, cancel FROM job WHERE seq = $1 AND claims = $2 AND state = 1 AND id = $3";

    private const string Finish =
        "UPDATE job SET state = 2, lost = 0, instance = NULL, lease_until = NULL, result = $2, ended_at = $3 WHERE seq = $1";

    private const string Again = """
        UPDATE job SET state = 0, gate = CASE WHEN $2 > 0 THEN 1 ELSE 0 END, unreached = CASE WHEN $3 = 1 THEN unreached + 1 ELSE 0 END,
               run_at = $4 + $2, wait_ms = $2, instance = NULL, lease_until = NULL
        WHERE seq = $1
        """;

    private const string HoldBack = "UPDATE job SET state = 0, gate = 3, hold = $2, unreached = 0, instance = NULL, lease_until = NULL WHERE seq = $1";

    private const string GiveBack = "UPDATE job SET state = 0, gate = 0, instance = NULL, lease_until = NULL WHERE seq = $1";

    private const string NoteFailure =
        "UPDATE job SET lost = 0, attempts = $2, failure_kind = $3, failure_status = $4, failure_text = $5 WHERE seq = $1";

    private const string NoteTry = "UPDATE job SET lost = 0, attempts = $2 WHERE seq = $1";

    /// <summary>Ends a try; false when the lease is not the job's present one.</summary>
    public static bool Settle(Group group, Lease lease, Settlement settlement)
    {
        var row = group.QueryFirst(SelectLeased,
            row => new Leased(row.Text(0), row.TextOrNull(1), row.Int64(2), (int)row.Int64(3), row.Int64(4) == 1), lease.Seq, lease.Fence, lease.Id.Value);
        if (row is null)
        {
            return false;
        }

        Write(group, row, settlement);
        switch (settlement.Kind)
        {
            case SettlementKind.Done:
                Done(group, lease, row, settlement.Result ?? []);
                break;
            case SettlementKind.Dead:
                Dead(group, lease, row, settlement, settlement.Reason ?? DeadReason.Rejected);
                break;
            case var _ when row.CancelRequested:
                Dead(group, lease, row, settlement, DeadReason.Cancelled);
                break;
            case SettlementKind.Again:
                TryAgain(group, lease, row, settlement);
                break;
            case SettlementKind.Hold:
                Hold(group, lease, row, settlement);
                break;
            default:
                // Given back as if it had not been claimed; only the fence stays.
                group.Execute(GiveBack, lease.Seq);
                break;
        }

        return true;
    }

    /// <summary>
    /// Runs the handler's own change. A job that is about to end leaves its place to the one that the change enqueues: a full
    /// queue would refuse the successor that empties it.
    /// </summary>
    private static void Write(Group group, Leased row, Settlement settlement)
    {
        if (settlement.Write is not { } write)
        {
            return;
        }

        var place = settlement.Kind is SettlementKind.Done or SettlementKind.Dead ? 1 : 0;
        group.Totals.Add(-place, -place * row.Bytes);
        write(group);
        group.Totals.Add(place, place * row.Bytes);
    }

    private static void Done(Group group, Lease lease, Leased row, byte[] result)
    {
        group.Execute(Finish, lease.Seq, result, group.NowMs);
        group.Totals.Add(-1, -row.Bytes);
        JobFiles.Free(group, lease.Seq);
        group.Append(JobEventBodies.Room, lease.Id.Value, JobEventBodies.Done, row.Owner, JobEventBodies.OfDone(row.Name, result));
        Edges.ReleaseBehind(group, lease.Seq);
    }

    private static void TryAgain(Group group, Lease lease, Leased row, Settlement settlement)
    {
        var (delay, failure) = (Math.Max(0, (long)settlement.Delay.TotalMilliseconds), settlement.Failure);
        var attempts = Note(group, lease, row, settlement);
        group.Execute(Again, lease.Seq, delay, failure?.Kind is FailureKind.NotReached, group.NowMs);
        if (failure?.Kind is not FailureKind.Shutdown)
        {
            Tell(group, lease, row, attempts, failure, group.NowMs + delay, isFinal: false);
        }
    }

    private static void Hold(Group group, Lease lease, Leased row, Settlement settlement)
    {
        var attempts = Note(group, lease, row, settlement);
        group.Execute(HoldBack, lease.Seq, (long)HoldReason.Credentials);
        Tell(group, lease, row, attempts, settlement.Failure, null, isFinal: false);
    }

    private static void Dead(Group group, Lease lease, Leased row, Settlement settlement, DeadReason reason)
    {
        var attempts = Note(group, lease, row, settlement);
        Tell(group, lease, row, attempts, settlement.Failure, null, isFinal: true);
        Ending.End(group, lease.Seq, reason, settlement.Failure?.Message);
    }

    /// <summary>
    /// Writes what the try says about the job and returns its counted attempts. Missing credentials say nothing about it, so a
    /// hold never counts; a snooze has no failure of its own, so the last one stays to be seen.
    /// </summary>
    private static int Note(Group group, Lease lease, Leased row, Settlement settlement)
    {
        var attempts = row.Attempts + (settlement.Counted && settlement.Kind is not SettlementKind.Hold ? 1 : 0);
        if (settlement.Failure is { } failure)
        {
            group.Execute(NoteFailure, lease.Seq, attempts, (long)failure.Kind, failure.StatusCode, JobEventBodies.Shorten(failure.Message));
        }
        else
        {
            group.Execute(NoteTry, lease.Seq, attempts);
        }

        return attempts;
    }

    private static void Tell(Group group, Lease lease, Leased row, int attempts, Failure? failure, long? nextAt, bool isFinal)
    {
        if (failure is not null)
        {
            group.Append(JobEventBodies.Room, lease.Id.Value, JobEventBodies.AttemptFailed, row.Owner,
                JobEventBodies.OfAttemptFailed(row.Name, attempts, failure, nextAt, isFinal));
        }
    }

    private sealed record Leased(string Name, string? Owner, long Bytes, int Attempts, bool CancelRequested);
}
