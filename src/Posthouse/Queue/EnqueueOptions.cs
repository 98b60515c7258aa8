using Posthouse.Jobs;

namespace Posthouse.Queue;

/// <summary>What one enqueue says beyond what the job's type declares.</summary>
public sealed record EnqueueOptions
{
    /// <summary>The id, to repeat a call whose answer was lost. Default: a new one.</summary>
    public JobId? Id { get; init; }

    /// <summary>A name that survives restarts, for example of a screen: the job's events are kept until this owner acknowledged them.</summary>
    public string? Owner { get; init; }

    /// <summary>Jobs that have to be Done first.</summary>
    public IReadOnlyList<JobId> After { get; init; } = [];

    /// <summary>The lane, instead of the declared one.</summary>
    public string? Lane { get; init; }

    /// <summary>Higher runs first among jobs that may run, instead of the declared priority.</summary>
    public int? Priority { get; init; }

    /// <summary>Not before this instant.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Not after this instant, instead of the declared time to live.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Counted attempts in all, instead of the declared number; from 1.</summary>
    public int? MaxAttempts { get; init; }
}
