using Posthouse.Tests.Vcs.Locks;
using Posthouse.Vcs;
using Posthouse.Vcs.Heartbeat;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Heartbeat;

/// <summary>A heartbeat over one held lock, with its folder, its remote and its clock in the test's hands.</summary>
internal sealed class HeartbeatStage : ILeaseRenewal, IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("posthouse-heartbeat-").FullName, "heartbeat");

    public HeartbeatStage()
    {
        Folder = new HeartbeatFolder(_path);
        John = Locks.Join("john");
        Loop = new HeartbeatLoop(Folder, this, Options, new Posthouse.Tests.Ivxp.SeededIds(1), Locks.Time, Events.Add);
    }

    public LockStage Locks { get; } = new();

    public LockStage.Clone John { get; }

    public HeartbeatOptions Options { get; } = new();

    public HeartbeatFolder Folder { get; }

    public HeartbeatLoop Loop { get; }

    public List<HeartbeatEvent> Events { get; } = [];

    /// <summary>What the next renewals meet instead of the remote.</summary>
    public RemoteFailure? Failure { get; set; }

    public int Beats { get; private set; }

    public ManualTimeProvider Time => Locks.Time;

    /// <summary>Takes the lock and asks that it be kept.</summary>
    public async Task<KeptLock> KeepAsync(TimeSpan? lease = null, WatchedProcess? process = null)
    {
        await John.Acquire(lease ?? TimeSpan.FromHours(4));
        var kept = new KeptLock("0a1b2c3d4e5f6071", Locks.Key.Path, Locks.Record.LockId, Time.GetUtcNow()) { Process = process };
        Folder.Keep(kept);
        return kept;
    }

    public async Task<LockAnswer> RenewAsync(KeptLock kept, string opId, CancellationToken cancellationToken)
    {
        Beats++;
        return Failure is { } failure ? new LockAnswer.Failed(failure) : await John.Renew(lockId: kept.LockId, id: opId);
    }

    /// <summary>Lets time go by as the loop does: from one rest to the next.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        var end = Time.GetUtcNow() + span;
        while (await Loop.TickAsync(default) is { } rest && Time.GetUtcNow() + rest <= end)
            Time.Advance(rest);
        if (Time.GetUtcNow() < end)
            Time.Advance(end - Time.GetUtcNow());
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
}
