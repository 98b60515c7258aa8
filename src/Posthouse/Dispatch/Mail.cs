using Posthouse.Storage;

namespace Posthouse.Dispatch;

/// <summary>What the dispatcher's loop is told. Everything that happens elsewhere reaches it as one of these.</summary>
internal abstract record Mail
{
    private Mail()
    {
    }

    /// <summary>The standing claim was answered.</summary>
    public sealed record Claimed(IReadOnlyList<LeasedJob> Jobs) : Mail;

    /// <summary>The standing claim failed: the store is busy or ill.</summary>
    public sealed record ClaimFailed(Exception Error) : Mail;

    /// <summary>A handler has answered: its place is free.</summary>
    public sealed record Answered(Run Run) : Mail;

    /// <summary>A job is settled, or its lease was no longer ours.</summary>
    public sealed record Settled(Run Run, bool Ours) : Mail;

    /// <summary>The leases still held, asked for at a monotonic timestamp; null when the store could not say.</summary>
    public sealed record Renewed(IReadOnlyList<HeldLease>? Held, long AskedAt) : Mail;

    /// <summary>A second has passed.</summary>
    public sealed record Tick : Mail;

    /// <summary>Something about our leases may have changed.</summary>
    public sealed record Hint : Mail;

    /// <summary>The process stops.</summary>
    public sealed record Stop : Mail;
}
