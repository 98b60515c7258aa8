using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>What goes wrong with one write.</summary>
internal enum WriteFault
{
    None = 0,

    /// <summary>It never arrived, and nobody knows.</summary>
    RequestLost,

    /// <summary>It was applied, and nobody knows.</summary>
    AnswerLost,

    /// <summary>The far side said no.</summary>
    Refused,
}

/// <summary>Registers in memory, with a fault for each write where a test asks for it, and with the far side's clock where one is given.</summary>
internal sealed class MemoryLockStore(TimeProvider? serverClock = null) : ILockStore
{
    private readonly Dictionary<ResourceKey, List<LockRecord>> _registers = [];
    private readonly Queue<WriteFault> _faults = new();

    public LockCapabilities Capabilities { get; init; } =
        LockCapabilities.AtomicCas | LockCapabilities.Expiry | LockCapabilities.Paths | LockCapabilities.Renewal | LockCapabilities.Fencing;

    /// <summary>Runs between a client's read and its write: somebody else is quicker.</summary>
    public Func<Task>? BeforeWrite { get; set; }

    public int Writes { get; private set; }

    /// <summary>All that was ever written to a register.</summary>
    public IReadOnlyList<LockRecord> History(ResourceKey key) => _registers.TryGetValue(key, out var records) ? records : [];

    public void Fail(params WriteFault[] faults)
    {
        foreach (var fault in faults)
            _faults.Enqueue(fault);
    }

    public ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken) => new(Snapshot(key));

    public async IAsyncEnumerable<LockSnapshot> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var key in _registers.Keys.ToList())
            yield return Snapshot(key);
    }

    public async ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken)
    {
        if (BeforeWrite is { } before)
        {
            BeforeWrite = null;
            await before();
        }

        Writes++;
        var fault = _faults.TryDequeue(out var planned) ? planned : WriteFault.None;
        if (fault == WriteFault.RequestLost)
            return new CasOutcome.Unknown(new RemoteFailure(FailureCategory.Ambiguous, "cut before"));
        if (fault == WriteFault.Refused)
            return new CasOutcome.Refused(new RemoteFailure(FailureCategory.Forbidden, "a hook said no"));
        CasOutcome outcome;
        lock (_registers)
            outcome = Apply(key, expected, next);
        return fault == WriteFault.AnswerLost ? new CasOutcome.Unknown(new RemoteFailure(FailureCategory.Ambiguous, "cut after")) : outcome;
    }

    private CasOutcome Apply(ResourceKey key, VersionToken expected, LockRecord next)
    {
        var now = Snapshot(key);
        if (now.Record?.OpId == next.OpId && now.Record.Owner.IsSame(next.Owner))
            return new CasOutcome.Won(now.Version, serverClock?.GetUtcNow(), now.Record == next ? null : now.Record);
        if (now.Version != expected)
            return new CasOutcome.Lost(now);
        if (!_registers.TryGetValue(key, out var records))
            _registers[key] = records = [];
        records.Add(next);
        return new CasOutcome.Won(Snapshot(key).Version, serverClock?.GetUtcNow());
    }

    private LockSnapshot Snapshot(ResourceKey key) => _registers.TryGetValue(key, out var records)
        ? new LockSnapshot(key, new VersionToken($"{records.Count}"), records[^1], serverClock?.GetUtcNow())
        : new LockSnapshot(key, VersionToken.Absent, null, serverClock?.GetUtcNow());
}
