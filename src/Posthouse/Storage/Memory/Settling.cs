using Posthouse.Jobs;

namespace Posthouse.Storage.Memory;

/// <summary>Ending a try. The fence decides first: a worker whose lease is not the present one changes nothing.</summary>
internal sealed class Settling(Books books, WaitingRule waiting, Endings endings)
{
    public bool Settle(Lease lease, Settlement settlement)
    {
        if (books.Jobs.Find(lease.Seq) is not { State: JobState.Running } row || row.Id != lease.Id || row.Claims != lease.Fence)
        {
            return false;
        }

        if (settlement.Write is { } write)
        {
            var room = new MemoryWrite(books);
            write(room);
            room.Close();
        }

        Apply(row, settlement);
        return true;
    }

    /// <summary>Gives a lease back as if it had never been: the fence alone remembers it.</summary>
    public void Return(JobRow row) => Apply(row, new Settlement(SettlementKind.Return));

    /// <summary>All leases an instance holds, oldest job first.</summary>
    public List<JobRow> HeldBy(InstanceId instance) =>
        [.. books.Jobs.Leases.Select(l => books.Jobs[l.Seq]).Where(row => row.Instance == instance).OrderBy(row => row.Seq)];

    public List<HeldLease> Renew(InstanceId instance, TimeSpan by)
    {
        var held = HeldBy(instance);
        held.ForEach(row => books.Jobs.Put(row with { LeaseUntil = books.Now + (long)by.TotalMilliseconds }));
        return held.ConvertAll(row => new HeldLease(new Lease(row.Id, row.Seq, row.Claims), row.CancelRequested));
    }

    private void Apply(JobRow row, Settlement settlement)
    {
        var kind = settlement.Kind;
        if (kind is SettlementKind.Done)
        {
            endings.Arrive(row, settlement.Result);
        }
        else if (kind is SettlementKind.Dead)
        {
            Die(row, settlement, settlement.Reason ?? DeadReason.Rejected);
        }
        else if (row.CancelRequested)
        {
            // Whoever took the job back does not want another try of it.
            Die(row, settlement, DeadReason.Cancelled);
        }
        else if (kind is SettlementKind.Return)
        {
            books.Jobs.Put(row.Unleased() with { State = JobState.Pending, Gate = Gate.Open });
        }
        else
        {
            Wait(row, settlement);
        }
    }

    private void Die(JobRow row, Settlement settlement, DeadReason reason)
    {
        var last = Tried(row, settlement);
        TellFailure(last, settlement, nextAt: null, isFinal: true);
        if (JobLaw.NeedsDecision(reason))
        {
            endings.Fail(last, reason, settlement.Failure?.Message);
        }
        else
        {
            endings.Close(last, reason, settlement.Failure?.Message);
        }
    }

    private void Wait(JobRow row, Settlement settlement)
    {
        var pending = Tried(row, settlement).Unleased() with { State = JobState.Pending };
        if (settlement.Kind is SettlementKind.Hold)
        {
            waiting.PutAtItsGate(pending with { Hold = HoldReason.Credentials });
            TellFailure(pending, settlement, nextAt: null, isFinal: false);
            return;
        }

        var delay = Math.Max(0, (long)settlement.Delay.TotalMilliseconds);
        var again = pending with
        {
            Unreached = settlement.Failure?.Kind is FailureKind.NotReached ? row.Unreached + 1 : 0,
            RunAt = books.Now + delay,
            RetryDelay = delay,
        };
        waiting.PutAtItsGate(again);
        if (settlement.Failure?.Kind is not FailureKind.Shutdown)
        {
            TellFailure(again, settlement, again.RunAt, isFinal: false);
        }
    }

    /// <summary>The row after an answered try. A snooze has no failure of its own, so the last one stays to be seen.</summary>
    private static JobRow Tried(JobRow row, Settlement settlement) => row with
    {
        Lost = 0,
        Attempts = row.Attempts + (settlement.Counted && settlement.Kind is not SettlementKind.Hold ? 1 : 0),
        Failure = settlement.Failure is { } failure ? failure with { Message = JobEventBodies.Shorten(failure.Message) } : row.Failure,
    };

    private void TellFailure(JobRow row, Settlement settlement, long? nextAt, bool isFinal)
    {
        if (settlement.Failure is { } failure)
        {
            books.Events.Tell(books.Now, row, JobEventBodies.AttemptFailed,
                JobEventBodies.OfAttemptFailed(row.Draft.Name, row.Attempts, failure, nextAt, isFinal));
        }
    }
}
