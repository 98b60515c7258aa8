using Posthouse.Jobs;

namespace Posthouse.Storage;

/// <summary>A decision about jobs that comes from outside a worker.</summary>
public abstract record JobCommand
{
    private JobCommand()
    {
    }

    /// <summary>Takes a job back. A running one is asked to stop and may still arrive.</summary>
    public sealed record Cancel(JobId Id) : JobCommand;

    /// <summary>Tries a dead job again: same id, counts at zero, same place in its lane unless that went on without it.</summary>
    public sealed record Retry(JobId Id) : JobCommand;

    /// <summary>Discards a dead job and admits an edited one, under a new id, in its place.</summary>
    public sealed record RetryEdited(JobId Id, JobDraft Replacement) : JobCommand;

    /// <summary>Gives a dead or pending job up, with a rollback event.</summary>
    public sealed record Discard(JobId Id) : JobCommand;

    /// <summary>Opens held jobs again.</summary>
    public sealed record Release(HoldReason Hold, string? Destination = null) : JobCommand;

    /// <summary>Opens at once the jobs of a destination whose last try did not reach it.</summary>
    public sealed record Reached(string Destination) : JobCommand;

    /// <summary>Stops claiming, for one destination or (null) for all.</summary>
    public sealed record Pause(string? Destination = null) : JobCommand;

    /// <summary>Ends a pause.</summary>
    public sealed record Resume(string? Destination = null) : JobCommand;

    /// <summary>Removes finished jobs now; with <paramref name="Everything"/> also discards what waits or needs a decision.</summary>
    public sealed record Clear(bool Everything) : JobCommand;
}

/// <summary>What became of a command.</summary>
/// <param name="Changed">How many jobs changed.</param>
/// <param name="Cancel">For Cancel: how far it came.</param>
/// <param name="Id">For RetryEdited: the new job.</param>
public sealed record CommandAnswer(int Changed, CancelAnswer? Cancel = null, JobId? Id = null);

/// <summary>The honest answer to a cancel.</summary>
public enum CancelAnswer
{
    /// <summary>It had not been begun and never will be.</summary>
    CancelledBeforeSend,

    /// <summary>It is running: asked to stop; its end follows as an event.</summary>
    RequestedWhileRunning,

    /// <summary>It had ended already.</summary>
    TooLate,
}

/// <summary>A stored job, as it stands.</summary>
/// <param name="Id">The job.</param>
/// <param name="Seq">Its place in the order of admission.</param>
/// <param name="Name">The type's stored name.</param>
/// <param name="Version">The payload's version.</param>
/// <param name="State">Where it stands.</param>
public sealed record JobRecord(JobId Id, long Seq, string Name, int Version, JobState State)
{
    /// <summary>What a Pending job waits for.</summary>
    public Gate? Gate { get; init; }

    /// <summary>Why it is held, at gate Hold.</summary>
    public HoldReason? Hold { get; init; }

    /// <summary>Why it is dead.</summary>
    public DeadReason? Reason { get; init; }

    /// <summary>Where it goes.</summary>
    public string Destination { get; init; } = "";

    /// <summary>Its lane.</summary>
    public string? Lane { get; init; }

    /// <summary>Its deduplication key.</summary>
    public string? DeduplicationKey { get; init; }

    /// <summary>Who is told.</summary>
    public string? Owner { get; init; }

    /// <summary>Its priority.</summary>
    public int Priority { get; init; }

    /// <summary>What its death does to those behind it.</summary>
    public WhenDead WhenDead { get; init; }

    /// <summary>The next try's time.</summary>
    public DateTimeOffset RunAt { get; init; }

    /// <summary>When it ends unsent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How often it was claimed: the fence.</summary>
    public long Claims { get; init; }

    /// <summary>Claims in a row that ended without an answer.</summary>
    public int Lost { get; init; }

    /// <summary>Counted attempts.</summary>
    public int Attempts { get; init; }

    /// <summary>The caller's own limit of counted attempts; null: the plan of the job's type decides.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Who holds its lease.</summary>
    public string? Instance { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Ids of the jobs it still waits for.</summary>
    public IReadOnlyList<JobId> WaitsFor { get; init; } = [];

    /// <summary>The last failure.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The payload's bytes.</summary>
    public byte[] Payload { get; init; } = [];

    /// <summary>The optimistic result's bytes.</summary>
    public byte[] Optimistic { get; init; } = [];

    /// <summary>The result's bytes, when Done.</summary>
    public byte[]? Result { get; init; }
}

/// <summary>Which jobs a listing shows; null members match all.</summary>
public sealed record JobQuery
{
    /// <summary>The largest page: a reader must not keep the log growing while it reads.</summary>
    public const int MaxPage = 1_000;

    /// <summary>Only this state.</summary>
    public JobState? State { get; init; }

    /// <summary>Only dead ones that need a decision (true) or that do not (false).</summary>
    public bool? NeedsDecision { get; init; }

    /// <summary>Only this lane.</summary>
    public string? Lane { get; init; }

    /// <summary>Only this type.</summary>
    public string? Name { get; init; }

    /// <summary>Only ids that begin so.</summary>
    public string? IdPrefix { get; init; }

    /// <summary>Only jobs accepted after this place.</summary>
    public long AfterSeq { get; init; }

    /// <summary>How many, 1 to <see cref="MaxPage"/>.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>How many jobs stand where: the parts are disjoint and sum up to all rows.</summary>
public sealed record QueueCounts
{
    /// <summary>Pending and free to run.</summary>
    public long Ready { get; init; }

    /// <summary>Pending until their time.</summary>
    public long Scheduled { get; init; }

    /// <summary>Pending behind others.</summary>
    public long Waiting { get; init; }

    /// <summary>Pending and held.</summary>
    public long Held { get; init; }

    /// <summary>Leased.</summary>
    public long Running { get; init; }

    /// <summary>Dead and in need of a decision.</summary>
    public long Failed { get; init; }

    /// <summary>Done.</summary>
    public long Done { get; init; }

    /// <summary>Dead and closed: cancelled, expired, superseded or discarded.</summary>
    public long Closed { get; init; }

    /// <summary>Bytes of payloads and optimistic results of open jobs.</summary>
    public long OpenBytes { get; init; }

    /// <summary>Whether everything is paused.</summary>
    public bool Paused { get; init; }

    /// <summary>Destinations that are paused by themselves.</summary>
    public IReadOnlyList<string> PausedDestinations { get; init; } = [];

    /// <summary>Admission time of the oldest open job.</summary>
    public DateTimeOffset? OldestOpen { get; init; }

    /// <summary>Since when the first of the jobs that are free to run could have: its admission, or its time where that came later.</summary>
    public DateTimeOffset? OldestReady { get; init; }

    /// <summary>The earliest time a scheduled job becomes due.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>Everything that has not ended: what limits count.</summary>
    public long Open => Ready + Scheduled + Waiting + Held + Running + Failed;
}
