using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>
/// A clone that does one operation after another, as the queue would: an unknown end or a crash is followed by the same operation.
/// Its exchanges stop at each step until the world lets them go on, so that any order of all clones' steps can be played.
/// </summary>
internal sealed class SimulatedClone : ILockStore
{
    private readonly LockWorld _world;
    private readonly Random _random;
    private readonly List<Action> _inFlight;
    private readonly Dictionary<string, (VersionToken Expected, LockRecord Record)> _journal = [];
    private readonly LockPolicy _policy;
    private readonly ResourceKey _key = ResourceKey.Of(".");
    private TaskCompletionSource? _step;
    private (int Kind, string Id)? _current;
    private Task<LockAnswer>? _running;
    private string? _tenure;
    private int _jobs;

    public SimulatedClone(LockWorld world, string name, TimeProvider time, LockOptions options, Random random, List<Action> inFlight)
    {
        (_world, _random, _inFlight, Name) = (world, random, inFlight, name);
        ISightings sightings = world.Planted == Planted.Credulous ? new Credulous() : new MemorySightings(time);
        _policy = new LockPolicy(this, sightings, new LockOwner(name, name, name, name, name, name), options, time);
    }

    public string Name { get; }

    /// <summary>Tenures that were answered with "you have it", each with the operation that asked.</summary>
    public List<(string Job, string LockId)> Acknowledged { get; } = [];

    public LockCapabilities Capabilities => LockCapabilities.AtomicCas | LockCapabilities.Expiry | LockCapabilities.Renewal | LockCapabilities.Fencing;

    /// <summary>Goes one step on: an exchange happens, or a finished operation is followed by the next.</summary>
    public void Step()
    {
        if (_running is { IsCompleted: true })
            Settle();
        if (_running is null)
            Begin();
        else if (_random.Next(20) == 0)
            Crash();
        else
            Interlocked.Exchange(ref _step, null)?.SetResult();
    }

    public async ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        await Stop();
        return _random.Next(20) == 0
            ? throw new VcsException(new RemoteFailure(FailureCategory.Network, "cut"))
            : Snapshot();
    }

    public IAsyncEnumerable<LockSnapshot> ListAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<LockSnapshot>(); // Nothing lies in this one.

    public async ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken)
    {
        if (!_journal.TryGetValue(next.OpId, out var built))
            _journal[next.OpId] = built = (expected, next);
        await Stop(); // Between the journal and the push.
        var (from, record) = built;
        switch (_random.Next(12))
        {
            case 0:
                return Unknown(); // It never arrived.
            case 1:
                _world.Push(from, record);
                return Unknown(); // The answer was lost.
            case 2:
                _inFlight.Add(() => _world.Push(from, record)); // The killed push still arrives, much later.
                return Unknown();
        }

        var won = _world.Push(from, record);
        await Stop();
        return won ? new CasOutcome.Won(LockWorld.VersionOf(from, record), null, record == next ? null : record) : new CasOutcome.Lost(Snapshot());
    }

    private static CasOutcome.Unknown Unknown() => new(new RemoteFailure(FailureCategory.Ambiguous, "cut"));

    private LockSnapshot Snapshot() => new(_key, _world.Version, _world.Now);

    private Task Stop()
    {
        _step = new TaskCompletionSource();
        return _step.Task;
    }

    private void Begin()
    {
        _current ??= (_random.Next(7), $"{Name}-{++_jobs}");
        var (kind, id) = _current.Value;
        _running = kind switch
        {
            0 or 1 => _policy.AcquireAsync(new AcquireRequest(_key, TimeSpan.FromMinutes(1 + _random.Next(30))) { Heartbeat = _random.Next(2) == 0 ? TimeSpan.FromMinutes(1) : null }, id, default),
            2 => _policy.RenewAsync(new RenewRequest(_key, null, LockId: _tenure), id, default),
            3 => _policy.ReleaseAsync(new ReleaseRequest(_key, _tenure), id, default),
            4 when _world.Now is { } seen && _random.Next(4) == 0 => _policy.BreakAsync(new BreakRequest(_key, seen.LockId), id, default),
            _ => _policy.GuardAsync(_key, _tenure, id, default),
        };
    }

    private void Settle()
    {
        var (_, id) = _current!.Value;
        var answer = _running!.GetAwaiter().GetResult();
        _running = null;
        if (answer is LockAnswer.Unknown)
            return; // The same operation again.
        _current = null;
        switch (answer)
        {
            case LockAnswer.Acquired { Lock.Record: { } record }:
                Acknowledged.Add((id, record.LockId));
                _tenure = record.LockId;
                break;
            case LockAnswer.Released or LockAnswer.Lost or LockAnswer.NotHeld or LockAnswer.Mismatch:
                _tenure = null;
                break;
            case LockAnswer.Guarded guarded: // Leaves now, arrives some time.
                _inFlight.Add(() => _world.PushBranch(guarded.Lock.Version, guarded.Renewal));
                break;
        }
    }

    private void Crash()
    {
        _step = null; // What was on its way is never heard of again; the journal stays.
        _running = null;
    }

    private sealed class Credulous : ISightings
    {
        public ValueTask<TimeSpan> SeenAsync(ResourceKey key, VersionToken version) => new(TimeSpan.FromDays(1));
    }
}
