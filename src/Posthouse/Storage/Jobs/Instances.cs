using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// Dispatching processes. Each has a row and holds the lock of a file for as long as it lives; whoever finds the lock free
/// knows that the process is gone, whatever the clocks say, and takes its leases over at once.
/// </summary>
internal sealed class Instances(string databasePath, IIds ids, TimeProvider time)
{
    private readonly Dictionary<InstanceId, (InstanceLock Lock, Action Hint)> _own = [];
    private readonly Lock _lock = new();

    /// <summary>Gives all leases of an instance a new end.</summary>
    public static List<HeldLease> Renew(Group group, InstanceId instance, TimeSpan by)
    {
        group.Execute("UPDATE job SET lease_until = $2 WHERE state = 1 AND instance = $1", instance.Value, group.NowMs + (long)by.TotalMilliseconds);
        return Held(group, instance);
    }

    /// <summary>Enters a dispatching process, and takes over from those that are gone.</summary>
    public async Task<InstanceId> JoinAsync(Func<Func<Group, bool>, bool, Task<bool>> post, Action hint)
    {
        var instance = new InstanceId($"{Environment.ProcessId}-{ids.NextUInt64():x16}");
        var held = InstanceLock.TryTake(databasePath, instance) ?? throw new PosthouseException(ErrorCodes.StoreUnavailable,
            $"The lock file of this process beside {databasePath} cannot be made. Check that its folder can be written.");
        lock (_lock)
        {
            _own[instance] = (held, hint);
        }

        try
        {
            await EnterAsync(instance, post);
        }
        catch
        {
            Abandon(instance);
            throw;
        }

        return instance;
    }

    private Task<bool> EnterAsync(InstanceId instance, Func<Func<Group, bool>, bool, Task<bool>> post) => post(
        group =>
        {
            group.Execute("INSERT INTO instance(id, pid, started_at, boot) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                instance.Value, Environment.ProcessId, time.GetUtcNow().ToUnixTimeMilliseconds(), Durable.BootId());
            TakeOver(group, instance);
            return true;
        },
        true);

    /// <summary>Takes over the leases of processes that are gone; returns how many leases.</summary>
    public int TakeOver(Group group, InstanceId by)
    {
        var taken = 0;
        foreach (var other in group.Query("SELECT id FROM instance WHERE id <> $1", row => new InstanceId(row.Text(0)), by.Value))
        {
            if (Has(other) || InstanceLock.TryTake(databasePath, other) is not { } free)
            {
                continue;
            }

            // Let go at once, whatever happens to this transaction: a lock that stayed with us would make the dead one look alive.
            using (free)
            {
                var leases = group.Query("SELECT seq FROM job WHERE state = 1 AND instance = $1", row => row.Int64(0), other.Value);
                leases.ForEach(seq => DueRows.Lose(group, seq));
                group.Execute("DELETE FROM instance WHERE id = $1", other.Value);
                CrashPoint.Reached(CrashAt.LeasesTaken);
                taken += leases.Count;
            }

            group.AfterCommit(free.Remove);
        }

        return taken;
    }

    /// <summary>Gives back every lease of an instance, uncounted, and removes it.</summary>
    public void Leave(Group group, InstanceId instance)
    {
        foreach (var held in Held(group, instance))
        {
            Settling.Settle(group, held.Lease, new Settlement(SettlementKind.Return));
        }

        group.Execute("DELETE FROM instance WHERE id = $1", instance.Value);
        group.AfterCommit(() => Forget(instance));
    }

    /// <summary>Something about an instance's leases changed.</summary>
    public void Hint(InstanceId instance)
    {
        Action? hint;
        lock (_lock)
        {
            hint = _own.TryGetValue(instance, out var own) ? own.Hint : null;
        }

        hint?.Invoke();
    }

    /// <summary>Another process committed: every instance of this one looks at its leases.</summary>
    public void HintAll()
    {
        List<Action> hints;
        lock (_lock)
        {
            hints = [.. _own.Values.Select(own => own.Hint)];
        }

        hints.ForEach(hint => hint());
    }

    /// <summary>Lets one lock go without a word, as the death of its process would.</summary>
    public void Abandon(InstanceId instance)
    {
        lock (_lock)
        {
            if (_own.Remove(instance, out var own))
            {
                own.Lock.Dispose();
            }
        }
    }

    /// <summary>Lets all locks go, as the death of the process would.</summary>
    public void Close()
    {
        lock (_lock)
        {
            foreach (var own in _own.Values)
            {
                own.Lock.Dispose();
            }

            _own.Clear();
        }
    }

    private static List<HeldLease> Held(Group group, InstanceId instance) => group.Query(
        "SELECT id, seq, claims, cancel FROM job WHERE state = 1 AND instance = $1 ORDER BY seq",
        row => new HeldLease(new Lease(JobId.Parse(row.Text(0)), row.Int64(1), row.Int64(2)), row.Int64(3) == 1), instance.Value);

    private bool Has(InstanceId instance)
    {
        lock (_lock)
        {
            return _own.ContainsKey(instance);
        }
    }

    private void Forget(InstanceId instance)
    {
        lock (_lock)
        {
            if (_own.Remove(instance, out var own))
            {
                own.Lock.Remove();
            }
        }
    }
}
