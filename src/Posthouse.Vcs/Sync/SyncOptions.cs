using Posthouse.Retry;

namespace Posthouse.Vcs.Sync;

/// <summary>How operations are queued and tried again.</summary>
internal sealed record SyncOptions
{
    /// <summary>Operations of one clone that may wait; more are refused. Default 1,000: what a person still looks through.</summary>
    public int MaxEntries { get; init; } = 1_000;

    /// <summary>Counted tries of a queued operation in all. Default 20.</summary>
    public int MaxAttempts { get; init; } = 20;

    /// <summary>How long an operation may wait before it expires. Default 7 days.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The same for a lock. Default 24 h: one that is taken days later surprises its holder.</summary>
    public TimeSpan AcquireMaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a lock of another is left before it is looked at again, where it is waited for. Default 10 s.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a lock may only be taken on the remote's newest commit. Default true.</summary>
    public bool RequireLatest { get; init; } = true;

    /// <summary>Above so many bytes a push is staged. Default 64 MiB.</summary>
    public long StagedThresholdBytes { get; init; } = 64L << 20;

    /// <summary>How large a batch of a staged push is. Default 16 MiB.</summary>
    public long BatchBytes { get; init; } = 16L << 20;

    /// <summary>How long the answer to whether a remote can be reached is believed. Default 30 s.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits of operations on locks: 1 s, 2 s, up to 15 s, the second half of each at random.</summary>
    public Backoff LockPlan { get; init; } = Plan(TimeSpan.FromSeconds(15));

    /// <summary>Waits of transfers: up to 30 s.</summary>
    public Backoff TransferPlan { get; init; } = Plan(TimeSpan.FromSeconds(30));

    /// <summary>A plan of this room: equal jitter, because a person watches and a wait of nothing would look like none.</summary>
    public static Backoff Plan(TimeSpan cap) => new() { Base = TimeSpan.FromSeconds(1), Cap = cap, Jitter = Jitter.Equal, MaxAttempts = 20, MaxAge = TimeSpan.FromDays(7) };
}
