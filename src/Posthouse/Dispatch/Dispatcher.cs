using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;
using Posthouse.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Dispatch;

/// <summary>
/// Runs jobs. One loop owns all state and is told everything by mail: claims answered, handlers done, leases renewed, time
/// passed. It keeps a standing claim for its free places, starts what it is given, and settles what was answered.
///
/// What is true if the process dies: (4) after a claim, the job is Running under a lease of a dead process; (5) after the
/// handler, the effect may have happened and the job is still Running; (6) after the settlement, the outcome is on disk. At
/// 4 and 5 another process takes the lease over at once and the job runs again, with the same key.
/// </summary>
internal sealed class Dispatcher(
    IJobStore store, JobRegistry registry, JobRunner runner, IConnectivity connectivity, TimeProvider time, DispatchOptions options, ILogger logger)
{
    private readonly Channel<Mail> _mail = Channel.CreateUnbounded<Mail>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<Lease, Run> _runs = [];
    private readonly Queue<Run> _ready = new();
    private readonly DestinationLoad _load = new();
    private readonly Prefetch _prefetch = new(options.Concurrency);
    private InstanceId _instance;
    private Settler _settler = null!;
    private LeaseKeeper _keeper = null!;
    private int _busy;
    private bool _claiming;
    private long _claimAgain;
    private long? _doubtSince;
    private long? _stopBy;
    private TimeSpan? _nextProbe;

    /// <summary>Enters the store, takes over from processes that are gone, and opens what an older version had to hold.</summary>
    public async Task JoinAsync()
    {
        _instance = await store.JoinAsync(() => Post(new Mail.Hint()));
        _settler = new Settler(store, runner.WriteFailed, time, logger, Post);
        _keeper = new LeaseKeeper(store, _instance, time, options, logger, Post);
        await store.DecideAsync(new JobCommand.Release(HoldReason.UnknownType));
        logger.DispatcherStarted(_instance.Value, options.Concurrency);
    }

    /// <summary>Runs until the token fires, then stops within <see cref="DispatchOptions.StopWithin"/> and gives back what it holds.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        connectivity.Changed += OnConnectivity;
        await using var tick = time.CreateTimer(_ => Post(new Mail.Tick()), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        await using var stopping = stop.Register(() => Post(new Mail.Stop()));
        try
        {
            Step();
            while (!Finished())
            {
                await _mail.Reader.WaitToReadAsync(CancellationToken.None);
                Step();
            }

            await store.LeaveAsync(_instance);
            logger.DispatcherStopped(_instance.Value, _runs.Count);
        }
        catch (Exception e)
        {
            logger.DispatcherDied(e, _instance.Value);
            throw;
        }
        finally
        {
            _settler.Leave();
            connectivity.Changed -= OnConnectivity;
        }
    }

    /// <summary>Handlers that do not end in time are left behind: leaving gives their leases back, and their answers are refused.</summary>
    private bool Finished() => _stopBy is { } by && ((_runs.Count == 0 && !_claiming) || time.GetTimestamp() >= by);

    /// <summary>Handles what came, then starts and claims what is possible. Never waits.</summary>
    private void Step()
    {
        while (_mail.Reader.TryRead(out var mail))
        {
            Handle(mail);
        }

        StartReady();

        var want = _prefetch.Want(_busy + _ready.Count);
        if (_stopBy is null && !_claiming && _doubtSince is null && want > 0 && time.GetTimestamp() >= _claimAgain)
        {
            _claiming = true;
            _ = ClaimAsync(want);
        }
    }

    /// <summary>A job claimed ahead may have been cancelled, or its lease lost, before a place was free: its handler never hears of it.</summary>
    private void StartReady()
    {
        while (_busy < options.Concurrency && _ready.TryDequeue(out var run))
        {
            if (run.Reason is not StopReason.None)
            {
                GiveBack(run);
                continue;
            }

            _busy++;
            _ = RunAsync(run);
        }
    }

    private void Handle(Mail mail)
    {
        switch (mail)
        {
            case Mail.Claimed claimed:
                _claiming = false;
                Take(claimed.Jobs);
                break;
            case Mail.ClaimFailed failed:
                _claiming = false;
                _claimAgain = time.GetTimestamp() + time.TimestampFrequency;
                Doubt(failed.Error);
                logger.ClaimFailed(failed.Error);
                break;
            case Mail.Answered answered:
                answered.Run.Answered = true;
                _busy--;
                _prefetch.Ended();
                break;
            case Mail.Settled settled:
                End(settled.Run, settled.Ours);
                break;
            case Mail.Renewed renewed:
                _keeper.Apply(renewed, _runs.Values);
                GiveBackUnheard(renewed);
                break;
            case Mail.Hint:
                _keeper.RenewSoon(_runs.Count);
                break;
            case Mail.Tick:
                _keeper.Tick(_runs.Values);
                if (_doubtSince is not null)
                {
                    _keeper.Ask();
                }

                LookForDueProbes();
                break;
            default:
                Stop();
                break;
        }
    }

    private async Task ClaimAsync(int want)
    {
        try
        {
            var jobs = await store.ClaimAsync(new ClaimRequest(_instance, want, options.Lease)
            {
                Room = destination => _load.Room(destination, connectivity),
                Knows = (name, version) => registry.TryGet(name, out var descriptor) && descriptor.CanRead(version) && runner.CanRun(descriptor),
            });
            Post(new Mail.Claimed(jobs));
        }
        catch (Exception e)
        {
            Post(new Mail.ClaimFailed(e));
        }
    }

    private void Take(IReadOnlyList<LeasedJob> jobs)
    {
        CrashPoint.Reached(CrashAt.Claimed);
        _prefetch.Claimed(_busy + _ready.Count);
        foreach (var job in jobs)
        {
            var run = new Run(job, time.GetTimestamp(), logger);
            _runs.Add(job.Lease, run);
            _load.Add(job.Destination);
            _ready.Enqueue(run);
        }

        if (_stopBy is not null)
        {
            GiveBackReady();
        }
    }

    private async Task RunAsync(Run run)
    {
        // A handler's synchronous part must not hold the loop.
        await Task.Yield();
        var settlement = await runner.RunAsync(run);
        CrashPoint.Reached(CrashAt.HandlerAnswered);
        _load.Remove(run.Job.Destination);
        Post(new Mail.Answered(run));
        await _settler.SettleAsync(run, settlement);
    }

    private void End(Run run, bool ours)
    {
        CrashPoint.Reached(CrashAt.Settled);
        _runs.Remove(run.Job.Lease);
        run.Dispose();
        if (!ours)
        {
            runner.LostLease(run);
        }
    }

    private void Stop()
    {
        _stopBy = time.GetTimestamp() + (long)(options.StopWithin.TotalSeconds * time.TimestampFrequency);
        _ = store.WithdrawAsync(_instance);
        GiveBackReady();
        foreach (var run in _runs.Values)
        {
            run.Stop(StopReason.Stopping);
        }
    }

    private void GiveBackReady()
    {
        while (_ready.TryDequeue(out var run))
        {
            GiveBack(run);
        }
    }

    private void GiveBack(Run run)
    {
        run.Answered = true;
        _load.Remove(run.Job.Destination);
        _ = _settler.SettleAsync(run, new Settlement(SettlementKind.Return));
    }

    /// <summary>A claim whose end is unknown may have leased jobs that nobody here knows: none is claimed until the store said what is held.</summary>
    private void Doubt(Exception error)
    {
        if (error is PosthouseException { Code: ErrorCodes.Unknown })
        {
            _doubtSince = time.GetTimestamp();
            _keeper.Ask();
        }
    }

    /// <summary>Leases that this process holds without having heard of them: as no claim is under way, nobody else will run them.</summary>
    private void GiveBackUnheard(Mail.Renewed renewed)
    {
        if (renewed.Held is null || _doubtSince is not { } since || renewed.AskedAt < since)
        {
            return;
        }

        _doubtSince = null;
        foreach (var held in renewed.Held.Where(held => !_runs.ContainsKey(held.Lease)))
        {
            var run = new Run(new LeasedJob(held.Lease, "", 0, []), renewed.AskedAt, logger) { Answered = true };
            _runs.Add(held.Lease, run);
            _ = _settler.SettleAsync(run, new Settlement(SettlementKind.Return));
        }
    }

    /// <summary>A probe that became due is a job that may be claimed, though nobody posted one.</summary>
    private void LookForDueProbes()
    {
        var next = connectivity.UntilNextProbe();
        if (_nextProbe is { } before && (next is null || next > before))
        {
            store.Wake();
        }

        _nextProbe = next;
    }

    private void OnConnectivity(string? destination) => _ = OpenAsync(destination);

    private async Task OpenAsync(string? destination)
    {
        try
        {
            if (destination is not null && connectivity.StateOf(destination) is ConnectivityState.Online)
            {
                await store.DecideAsync(new JobCommand.Reached(destination));
            }

            store.Wake();
        }
        catch (PosthouseException e)
        {
            // The rows open by their own time; the news only makes it sooner.
            logger.UpkeepFailed(e);
        }
    }

    private void Post(Mail mail) => _mail.Writer.TryWrite(mail);
}
