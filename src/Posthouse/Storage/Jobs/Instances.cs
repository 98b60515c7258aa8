using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// Dispatching processes. Each has a row and shows its presence for as long as it lives; whoever finds another one gone takes
/// its leases over at once.
/// </summary>
internal sealed class Instances(IPresence presence, IIds ids, TimeProvider time)
{
    private readonly Dictionary<InstanceId, (IPresenceSign Sign, Action Hint)> _own = [];
    private readonly Lock _lock = new();

    /// <summary>Gives all leases of an instance a new end.</summary>
    public List<HeldLease> Renew(Group group, InstanceId instance, TimeSpan by)
    {
        presence.Renewed(group, instance);
        group.Execute("UPDATE job SET lease_until = $2 WHERE state = 1 AND instance = $1", instance.Value, group.NowMs + (long)by.TotalMilliseconds);
        return Held(group, instance);
    }

    /// <summary>Enters a dispatching process, and takes over from those that are gone.</summary>
    public async Task<InstanceId> JoinAsync(Func<Func<Group, bool>, bool, Task<bool>> post, Action hint)
    {
        var instance = new InstanceId($"{Environment.ProcessId}-{ids.NextUInt64():x16}");
        var sign = presence.Show(instance);
        lock (_lock)
        {
            _own[instance] = (sign, hint);
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
            presence.Renewed(group, instance);
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
            if (Has(other) || presence.FindGone(group, other) is not { } sign)
            {
                continue;
            }

            using (sign)
            {
                var leases = group.Query("SELECT seq FROM job WHERE state = 1 AND instance = $1", row => row.Int64(0), other.Value);
                leases.ForEach(seq => DueRows.Lose(group, seq));
                group.Execute("DELETE FROM instance WHERE id = $1", other.Value);
                CrashPoint.Reached(CrashAt.LeasesTaken);
                taken += leases.Count;
            }

            group.AfterCommit(sign.Remove);
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

    /// <summary>Ends one sign without a word, as the death of its process would.</summary>
    public void Abandon(InstanceId instance)
    {
        lock (_lock)
        {
            if (_own.Remove(instance, out var own))
            {
                own.Sign.Dispose();
            }
        }
    }

    /// <summary>Ends all signs, as the death of the process would.</summary>
    public void Close()
    {
        lock (_lock)
        {
            foreach (var own in _own.Values)
            {
                own.Sign.Dispose();
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
                own.Sign.Remove();
            }
        }
    }
}
