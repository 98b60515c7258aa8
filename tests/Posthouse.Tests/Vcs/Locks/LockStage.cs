using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>One register that several clones want, each with a clock of its own.</summary>
internal sealed class LockStage
{
    private int _operations;

    public LockStage(bool tellsTime = false) => Store = new MemoryLockStore(tellsTime ? Time : null);

    public ManualTimeProvider Time { get; } = new();

    public MemoryLockStore Store { get; init; }

    public LockOptions Options { get; init; } = new();

    public ResourceKey Key { get; } = ResourceKey.Of("mix/song.logicx");

    public LockRecord Record => Store.History(Key)[^1];

    public Clone Join(string name, TimeSpan skew = default) => new(this, name, new SkewedTime(Time, skew));

    public string NextId() => $"job-{++_operations}";

    /// <summary>A clone and its policy; each call is an operation of its own unless its id is given.</summary>
    internal sealed class Clone
    {
        private readonly LockStage _stage;

        public Clone(LockStage stage, string name, SkewedTime time)
        {
            (_stage, Time) = (stage, time);
            Me = new LockOwner(name, $"{name}@example.org", name, "studio", $"machine-of-{name}", $"clone-of-{name}");
            Policy = new LockPolicy(stage.Store, new MemorySightings(time), Me, stage.Options, time);
        }

        public LockOwner Me { get; }

        public SkewedTime Time { get; }

        public LockPolicy Policy { get; }

        public Task<LockAnswer> Acquire(TimeSpan? lease = null, string? id = null, TimeSpan? heartbeat = null) =>
            Policy.AcquireAsync(new AcquireRequest(_stage.Key, lease ?? TimeSpan.FromHours(4)) { Heartbeat = heartbeat }, id ?? _stage.NextId(), default);

        public Task<LockAnswer> Renew(TimeSpan? lease = null, bool adds = false, string? lockId = null, string? id = null) =>
            Policy.RenewAsync(new RenewRequest(_stage.Key, lease, adds, lockId), id ?? _stage.NextId(), default);

        public Task<LockAnswer> Release(string? lockId = null, string? id = null) =>
            Policy.ReleaseAsync(new ReleaseRequest(_stage.Key, lockId), id ?? _stage.NextId(), default);

        public Task<LockAnswer> Break(string lockId, string? reason = null, string? id = null) =>
            Policy.BreakAsync(new BreakRequest(_stage.Key, lockId, reason), id ?? _stage.NextId(), default);

        public Task<LockAnswer> Guard(string? lockId = null, string? id = null) => Policy.GuardAsync(_stage.Key, lockId, id ?? _stage.NextId(), default);

        public Task<LockView> Look() => Policy.ReadAsync(_stage.Key, default);
    }
}
