using System.Collections.Immutable;
using Posthouse.Jobs;

namespace Posthouse.Storage.Memory;

/// <summary>One stored job. Rows are values: a change puts a new one into the table, and the old one undoes it.</summary>
/// <param name="Seq">Its place in the order of admission.</param>
/// <param name="Draft">What the caller gave; never changes.</param>
/// <param name="AcceptedAt">When it was stored. All times are Unix milliseconds.</param>
internal sealed record JobRow(long Seq, JobDraft Draft, long AcceptedAt)
{
    public JobState State { get; init; }

    /// <summary>What it waits for; means something while Pending only.</summary>
    public Gate Gate { get; init; }

    public HoldReason? Hold { get; init; }

    public DeadReason? Reason { get; init; }

    public long RunAt { get; init; }

    /// <summary>The delay that made <see cref="RunAt"/>, 0 at admission; null when the caller's NotBefore did.</summary>
    public long? RetryDelay { get; init; }

    public long? ExpiresAt { get; init; }

    public long? EndedAt { get; init; }

    /// <summary>How often it was claimed: the fence.</summary>
    public long Claims { get; init; }

    public int Lost { get; init; }

    public int Attempts { get; init; }

    public int Unreached { get; init; }

    public InstanceId? Instance { get; init; }

    public long LeaseUntil { get; init; }

    public bool CancelRequested { get; init; }

    public Failure? Failure { get; init; }

    public byte[]? Result { get; init; }

    /// <summary>The edges: places of the jobs it waits for. Empty unless it is Pending, for a job that ran waited for nothing.</summary>
    public ImmutableSortedSet<long> WaitsFor { get; init; } = [];

    public JobId Id => Draft.Id;

    public bool IsOpen => JobLaw.IsOpen(State, Reason);

    public bool NeedsDecision => State is JobState.Dead && IsOpen;

    /// <summary>Dead, and those behind it went on without it: nobody gets an edge to it any more.</summary>
    public bool IsSkipped => NeedsDecision && Draft.WhenDead is WhenDead.Skip;

    /// <summary>A file counts once for each job that names it.</summary>
    public long FileBytes => FileBytesOf(Draft);

    public static long FileBytesOf(JobDraft draft) => draft.Files.DistinctBy(f => f.Hash).Sum(f => f.Size);

    /// <summary>The row without what only a leased job has.</summary>
    public JobRow Unleased() => this with { Instance = null, LeaseUntil = 0, CancelRequested = false };

    public JobRecord ToRecord(Func<long, JobId> idOf) => new(Id, Seq, Draft.Name, Draft.Version, State)
    {
        Gate = State is JobState.Pending ? Gate : null,
        Hold = Hold,
        Reason = Reason,
        Destination = Draft.Destination,
        Lane = Draft.Lane,
        DeduplicationKey = Draft.DeduplicationKey,
        Owner = Draft.Owner,
        Priority = Draft.Priority,
        WhenDead = Draft.WhenDead,
        RunAt = Instant(RunAt),
        ExpiresAt = Instant(ExpiresAt),
        AcceptedAt = Instant(AcceptedAt),
        EndedAt = Instant(EndedAt),
        Claims = Claims,
        Lost = Lost,
        Attempts = Attempts,
        MaxAttempts = Draft.MaxAttempts,
        Instance = Instance?.Value,
        LeaseUntil = State is JobState.Running ? Instant(LeaseUntil) : null,
        WaitsFor = [.. WaitsFor.Select(idOf)],
        Failure = Failure,
        Payload = Draft.Payload,
        Optimistic = Draft.Optimistic,
        Result = Result,
    };

    public static DateTimeOffset Instant(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? Instant(long? milliseconds) => milliseconds is { } value ? Instant(value) : null;
}
