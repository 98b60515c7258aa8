using Posthouse.Files;
using Posthouse.Jobs;

namespace Posthouse.Storage;

/// <summary>A job as it is handed to the store.</summary>
/// <param name="Id">Made before the write.</param>
/// <param name="Name">The type's stored name.</param>
/// <param name="Version">The payload's version.</param>
/// <param name="Payload">The job's bytes.</param>
/// <param name="Optimistic">The optimistic result's bytes.</param>
public sealed record JobDraft(JobId Id, string Name, int Version, byte[] Payload, byte[] Optimistic)
{
    /// <summary>The destination whose connectivity counts; empty for none.</summary>
    public string Destination { get; init; } = "";

    /// <summary>The lane, or null.</summary>
    public string? Lane { get; init; }

    /// <summary>The deduplication key, or null. Keys are compared within one job name.</summary>
    public string? DeduplicationKey { get; init; }

    /// <summary>What to do about an open job with the same key.</summary>
    public OnDuplicate OnDuplicate { get; init; }

    /// <summary>Who is told how it ends, across restarts; or null.</summary>
    public string? Owner { get; init; }

    /// <summary>Ids of jobs that have to be Done first.</summary>
    public IReadOnlyList<JobId> After { get; init; } = [];

    /// <summary>What its death does to those behind it.</summary>
    public WhenDead WhenDead { get; init; }

    /// <summary>Higher runs first.</summary>
    public int Priority { get; init; }

    /// <summary>Not before this instant.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Not after this instant.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The caller's own limit of counted attempts.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Claims in a row that may end by a dead process before the job is Crashed, from 1.</summary>
    public int MaxLost { get; init; } = JobLaw.MaxLost;

    /// <summary>Files that the vault holds for it.</summary>
    public IReadOnlyList<StoredFile> Files { get; init; } = [];

    /// <summary>The W3C traceparent of the enqueuer, to link the run to it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Whether it waits for nobody and merges with nobody: nothing but limits and its id can be in its way.</summary>
    internal bool IsPlain => this is { DeduplicationKey: null, Lane: null, After.Count: 0, Files.Count: 0 };

    /// <summary>What counts against the byte limit.</summary>
    public int Bytes => Payload.Length + Optimistic.Length;
}

/// <summary>What an enqueue did.</summary>
public enum AdmissionKind
{
    /// <summary>A new job was stored.</summary>
    Accepted,

    /// <summary>A job that stands there already answers: same id, or same deduplication key.</summary>
    AnsweredByExisting,

    /// <summary>A new job was stored and a pending one with the same key superseded.</summary>
    ReplacedPending,
}

/// <summary>The answer to an enqueue.</summary>
/// <param name="Id">The job that carries the intent now.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Optimistic">The optimistic result of that job.</param>
public sealed record Admission(JobId Id, AdmissionKind Kind, byte[] Optimistic);

/// <summary>A dispatching process, for as long as it lives.</summary>
/// <param name="Value">Opaque text.</param>
public readonly record struct InstanceId(string Value);

/// <summary>What names one claim: the row and its fence. Fences only rise.</summary>
/// <param name="Id">The job.</param>
/// <param name="Seq">The job's place in the order of admission.</param>
/// <param name="Fence">The number of this claim.</param>
public readonly record struct Lease(JobId Id, long Seq, long Fence);

/// <summary>A lease that an instance still holds.</summary>
/// <param name="Lease">Which.</param>
/// <param name="CancelRequested">Whether somebody asked to cancel the job while it runs.</param>
public readonly record struct HeldLease(Lease Lease, bool CancelRequested);

/// <summary>What a worker may be given.</summary>
/// <param name="Instance">Who asks.</param>
/// <param name="Max">How many jobs at most, from 1.</param>
/// <param name="LeaseFor">How long the leases last.</param>
public sealed record ClaimRequest(InstanceId Instance, int Max, TimeSpan LeaseFor)
{
    /// <summary>Asked for every destination with something to do: how many jobs it may be given, 0 when it is offline.</summary>
    public Func<string, int> Room { get; init; } = _ => int.MaxValue;

    /// <summary>Whether rows of this type and version can be run here; others are put on hold.</summary>
    public Func<string, int, bool> Knows { get; init; } = (_, _) => true;
}

/// <summary>A job leased to a worker.</summary>
/// <param name="Lease">The claim.</param>
/// <param name="Name">The type's stored name.</param>
/// <param name="Version">The payload's version.</param>
/// <param name="Payload">The job's bytes.</param>
public sealed record LeasedJob(Lease Lease, string Name, int Version, byte[] Payload)
{
    /// <summary>Where it goes.</summary>
    public string Destination { get; init; } = "";

    /// <summary>Counted attempts before this try.</summary>
    public int Attempts { get; init; }

    /// <summary>Tries in a row that did not reach the far side.</summary>
    public int Unreached { get; init; }

    /// <summary>Claims in a row before this one that ended without an answer.</summary>
    public int Lost { get; init; }

    /// <summary>The caller's own limit of counted attempts.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When it ends unsent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Who is told.</summary>
    public string? Owner { get; init; }

    /// <summary>The W3C traceparent of the enqueuer.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>How a try is settled.</summary>
/// <param name="Kind">Which end.</param>
public sealed record Settlement(SettlementKind Kind)
{
    /// <summary>The result's bytes, for Done.</summary>
    public byte[]? Result { get; init; }

    /// <summary>What went wrong, for Again, Hold and Dead.</summary>
    public Failure? Failure { get; init; }

    /// <summary>How long until the next try, for Again.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether the try used up an attempt.</summary>
    public bool Counted { get; init; }

    /// <summary>Why, for Dead.</summary>
    public DeadReason? Reason { get; init; }

    /// <summary>A room's change, made in the same transaction once the lease was found to be the present one.</summary>
    public Action<IWrite>? Write { get; init; }
}

/// <summary>The ends of a try. The numbers appear in events and never change.</summary>
public enum SettlementKind
{
    /// <summary>It arrived.</summary>
    Done = 0,

    /// <summary>It is tried again.</summary>
    Again = 1,

    /// <summary>It is held until credentials change.</summary>
    Hold = 2,

    /// <summary>It is dead.</summary>
    Dead = 3,

    /// <summary>It was never begun: given back as if it had not been claimed.</summary>
    Return = 4,
}
