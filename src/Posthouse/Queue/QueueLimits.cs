namespace Posthouse.Queue;

/// <summary>
/// What a queue takes at most. Reaching a limit refuses an enqueue before any optimistic result is shown; settling and
/// deciding always go on. Only open jobs count: pending, running, and dead ones that need a decision.
/// </summary>
public sealed record QueueLimits
{
    /// <summary>Open jobs. Default 1,000,000: claims are flat up to there.</summary>
    public long MaxOpenJobs { get; init; } = 1_000_000;

    /// <summary>Bytes of one job's payload and optimistic result together. Default 1 MiB: larger things are files.</summary>
    public int MaxJobBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of all open jobs together. Default 1 GiB.</summary>
    public long MaxOpenBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of all files of open jobs together. Default 8 GiB.</summary>
    public long MaxFileBytes { get; init; } = 8L << 30;
}
