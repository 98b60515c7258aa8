namespace Posthouse.Dispatch;

/// <summary>How a process runs jobs.</summary>
public sealed record DispatchOptions
{
    /// <summary>Jobs that run at the same time. Default 10.</summary>
    public int Concurrency { get; init; } = 10;

    /// <summary>
    /// How long a lease lasts without being renewed. Default 60 s: long enough that a stop of the world costs nothing, short
    /// enough that a frozen process is relieved within a minute. A dead process is relieved at once, without waiting for it.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long running handlers get to end when the process stops; then their jobs are given back. Default 20 s.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long finished jobs are kept once their owner has seen the end. Default 24 h; for a person's own store 7 days fit.</summary>
    public TimeSpan KeepFinished { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Leases are renewed after a third of their time, which leaves two more chances.</summary>
    internal TimeSpan RenewEvery => Lease / 3;

    /// <summary>A handler's token fires this long before the end of a lease that could not be renewed: 10 s of 60.</summary>
    internal TimeSpan GiveUpBefore => Lease / 6;
}
