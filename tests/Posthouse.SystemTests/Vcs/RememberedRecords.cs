using System.Collections.Concurrent;
using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs;

/// <summary>A journal in memory, and records to put into registers.</summary>
internal sealed class RememberedRecords : ILockJournal
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly ConcurrentDictionary<string, BuiltRecord> _built = new();

    public ValueTask<BuiltRecord?> FindAsync(string opId) => ValueTask.FromResult(_built.GetValueOrDefault(opId));

    public ValueTask KeepAsync(string opId, BuiltRecord built)
    {
        _built[opId] = built;
        return ValueTask.CompletedTask;
    }

    /// <summary>A record of somebody who holds a lock.</summary>
    public static LockRecord Held(string path, string by, string opId, long seq = 1) => new()
    {
        Path = path,
        State = LockState.Held,
        LockId = LockProtocol.LockIdOf(opId),
        Epoch = seq,
        Seq = seq,
        OpId = opId,
        Owner = new LockOwner("Nora Ünal", by + "@example.invalid", by, "desk", "machine-" + by, by),
        AcquiredAt = _now,
        RenewedAt = _now,
        TtlSeconds = 14_400,
        ExpiresAt = _now.AddHours(4),
        Client = "test",
    };
}
