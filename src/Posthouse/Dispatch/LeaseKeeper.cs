using Microsoft.Extensions.Logging;
using Posthouse.Diagnostics;
using Posthouse.Storage;

namespace Posthouse.Dispatch;

/// <summary>
/// Keeps this process's leases: renews all of them in one statement, by the monotonic clock, tells handlers whose lease is
/// gone or whose job was cancelled, and looks on the way for processes that died and rows that can be swept.
/// </summary>
internal sealed class LeaseKeeper(IJobStore store, InstanceId instance, TimeProvider time, DispatchOptions options, ILogger logger, Action<Mail> post)
{
    /// <summary>How often finished jobs are looked for.</summary>
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private long _renewed = time.GetTimestamp();
    private long _lookedRound = time.GetTimestamp();
    private long _swept = time.GetTimestamp();
    private bool _renewing;
    private bool _again;

    /// <summary>A second has passed.</summary>
    public void Tick(IReadOnlyCollection<Run> runs)
    {
        foreach (var run in runs)
        {
            if (time.GetElapsedTime(run.HeldSince) >= options.Lease - options.GiveUpBefore && !run.Answered)
            {
                run.Stop(StopReason.LeaseLost);
            }
        }

        if (runs.Count > 0 && time.GetElapsedTime(_renewed) >= options.RenewEvery)
        {
            RenewSoon(runs.Count);
        }

        if (Passed(ref _lookedRound, options.RenewEvery))
        {
            _ = TakeOverAsync();
        }

        if (Passed(ref _swept, SweepEvery))
        {
            _ = QuietlyAsync(async () => await store.SweepAsync(options.KeepFinished));
        }
    }

    /// <summary>Renews now, or once more after the renewal under way.</summary>
    public void RenewSoon(int runs)
    {
        if (runs > 0)
        {
            Ask();
        }
    }

    /// <summary>Asks what is held, by renewing it.</summary>
    public void Ask()
    {
        if (_renewing)
        {
            _again = true;
            return;
        }

        _renewing = true;
        _renewed = time.GetTimestamp();
        _ = RenewAsync(_renewed);
    }

    /// <summary>What the store said about our leases.</summary>
    public void Apply(Mail.Renewed renewed, IReadOnlyCollection<Run> runs)
    {
        _renewing = false;
        if (renewed.Held is { } list)
        {
            var held = list.ToDictionary(one => (one.Lease.Seq, one.Lease.Fence));
            foreach (var run in runs.Where(run => run.HeldSince <= renewed.AskedAt))
            {
                Apply(run, held.TryGetValue((run.Job.Lease.Seq, run.Job.Lease.Fence), out var lease) ? lease : null, renewed.AskedAt);
            }
        }

        if (_again)
        {
            _again = false;
            RenewSoon(runs.Count);
        }
    }

    private static void Apply(Run run, HeldLease? lease, long askedAt)
    {
        if (lease is { } held)
        {
            run.HeldSince = askedAt;
            if (held.CancelRequested)
            {
                run.Stop(StopReason.Cancelled);
            }
        }
        else if (!run.Answered)
        {
            run.Stop(StopReason.LeaseLost);
        }
    }

    private async Task RenewAsync(long askedAt)
    {
        IReadOnlyList<HeldLease>? held = null;
        await QuietlyAsync(async () => held = await store.RenewAsync(instance, options.Lease));
        post(new Mail.Renewed(held, askedAt));
    }

    private Task TakeOverAsync() => QuietlyAsync(async () =>
    {
        var taken = await store.TakeOverAsync(instance);
        if (taken > 0)
        {
            logger.LeasesTakenOver(instance.Value, taken);
        }
    });

    /// <summary>Upkeep that fails now is due again soon; it must not end the loop.</summary>
    private async Task QuietlyAsync(Func<Task> upkeep)
    {
        try
        {
            await upkeep();
        }
        catch (PosthouseException e)
        {
            logger.UpkeepFailed(e);
        }
    }

    private bool Passed(ref long since, TimeSpan interval)
    {
        if (time.GetElapsedTime(since) < interval)
        {
            return false;
        }

        since = time.GetTimestamp();
        return true;
    }
}
