using System.Text.Json;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Sync;

/// <summary>A queued operation with what it is about.</summary>
/// <param name="Id">Its job.</param>
/// <param name="Seq">Its place.</param>
/// <param name="Operation">What is wanted.</param>
/// <param name="Phase">How far it is.</param>
internal sealed record OpenOperation(JobId Id, long Seq, IOperation Operation, OperationPhase Phase)
{
    /// <summary>Whether a try of it had built what it writes, and so may have been applied without an answer.</summary>
    public bool MayHaveArrived { get; init; }

    /// <summary>As the order sees it.</summary>
    public OrderedOperation Ordered => OpenOperations.Ordered(Id, Operation) with { Phase = Phase, MayHaveArrived = MayHaveArrived };
}

/// <summary>What a clone's operations that have not ended are, read from the queue's own rows.</summary>
internal static class OpenOperations
{
    /// <summary>The version of all payloads so far.</summary>
    private const int Version = 1;

    /// <summary>The room in the log for who counts on whose operation; it is no part of a project's history.</summary>
    private const string JoinRoom = "vcs.join";

    private static readonly JobRegistry _registry = new JobRegistry().AddPosthouseVcsJobs();

    private const string Select =
        "SELECT id, seq, name, payload, state, EXISTS(SELECT 1 FROM vcs_built WHERE op_id > id || '/' AND op_id < id || '0') FROM job WHERE destination = $1 AND (state IN (0, 1) OR (state = 3 AND reason <= 4)) ORDER BY seq";

    /// <summary>All of them, in the order in which they were queued. What this version cannot read is left out.</summary>
    public static List<OpenOperation> Of(IRead read, string cloneId) => [.. read.Query(
        Select,
        row => TryRead(row.Text(2), row.Bytes(3)) is { } operation ? new OpenOperation(JobId.Parse(row.Text(0)), row.Int64(1), operation, PhaseOf(row.Int64(4))) { MayHaveArrived = row.Int64(5) != 0 } : null,
        StoredDestination(cloneId)).OfType<OpenOperation>()];

    /// <summary>Locks that a clone has asked for and perhaps not got yet, but for those that it has given back since.</summary>
    public static List<ResourceKey> Wanted(IRead read, string cloneId)
    {
        var wanted = new List<ResourceKey>();
        foreach (var open in Of(read, cloneId))
        {
            if (open is { Operation: AcquireLock acquire } && (open.Phase is not OperationPhase.Failed || open.MayHaveArrived)) { wanted.Add(ResourceKey.Of(acquire.Resource)); }
            if (open is { Operation: ReleaseLock release, Phase: not OperationPhase.Failed }) { wanted.RemoveAll(key => key == ResourceKey.Of(release.Resource)); }
        }

        return [.. wanted.Distinct()];
    }

    /// <summary>How many of them there are; those that failed are counted too.</summary>
    public static long Count(IRead read, string cloneId) => read.Scalar(
        "SELECT count(*) FROM job WHERE destination = $1 AND (state IN (0, 1) OR (state = 3 AND reason <= 4))", StoredDestination(cloneId));

    /// <summary>A clone's destination as rows have it.</summary>
    public static string StoredDestination(string cloneId) => Project.DestinationOf(cloneId);

    /// <summary>An operation as the order sees it.</summary>
    public static OrderedOperation Ordered(JobId id, IOperation operation) => operation switch
    {
        AcquireLock acquire => new(id.Value, OperationKind.Acquire, Key(acquire.Resource)),
        ReleaseLock release => new(id.Value, OperationKind.Release, Key(release.Resource)) { LockId = release.LockId },
        RenewLock renew => new(id.Value, OperationKind.Renew, Key(renew.Resource)) { Adds = renew.Adds },
        BreakLock broken => new(id.Value, OperationKind.Break, Key(broken.Resource)),
        PushCommits push => new(id.Value, OperationKind.Push, push.Branch) { IsFenced = push.IsFenced },
        PullCommits pull => new(id.Value, OperationKind.Pull, pull.Branch) { Rebases = pull.Rebase },
        _ => new(id.Value, OperationKind.Comments, ""),
    };

    /// <summary>The operation that went in the place of one that was superseded: the next of its kind about the same, but of no later tenure; null where it was made needless instead.</summary>
    public static JobId? InPlaceOf(IRead read, JobId id)
    {
        var later = read.Query(
            "SELECT later.id, later.name, later.payload FROM job AS own JOIN job AS later ON later.destination = own.destination AND later.seq >= own.seq WHERE own.id = $1 ORDER BY later.seq",
            row => TryRead(row.Text(1), row.Bytes(2)) is { } operation ? Ordered(JobId.Parse(row.Text(0)), operation) : null, id.Value).OfType<OrderedOperation>().ToList();
        if (later.Find(one => one.Id == id.Value) is not { } own) { return null; }

        var next = later.Find(one => one != own && one.Target == own.Target && (one.Kind == own.Kind || (own.IsLock && one.Kind is OperationKind.Acquire or OperationKind.Release or OperationKind.Break)));
        return next?.Kind == own.Kind ? JobId.Parse(next.Id) : null;
    }

    /// <summary>Notes that another verb counts on an operation, too.</summary>
    public static void Join(IWrite write, JobId id) => write.Append(new EventDraft(JoinRoom, id.Value, "joined", null, "{}"u8.ToArray()));

    /// <summary>Whether one does.</summary>
    public static bool IsJoined(IRead read, JobId id) => read.Scalar("SELECT count(*) FROM event WHERE room = $1 AND subject = $2", JoinRoom, id.Value) > 0;

    /// <summary>The operation that a job's payload holds; null where it is none of this room's, or cannot be read.</summary>
    public static IOperation? TryRead(string name, ReadOnlySpan<byte> payload)
    {
        try
        {
            return _registry.TryRestore(name, Version, payload, out var job) ? job as IOperation : null;
        }
        catch (PosthouseException)
        {
            return null;
        }
    }

    /// <summary>A stored result, or null where this version cannot read it.</summary>
    public static OperationResult? ReadResult(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return (OperationResult?)_registry.Of(new SyncComments("")).ReadResultObject(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Key(string resource) => ResourceKey.Of(resource).Hex;

    private static OperationPhase PhaseOf(long state) => (JobState)state switch
    {
        JobState.Pending => OperationPhase.Waiting,
        JobState.Running => OperationPhase.Running,
        _ => OperationPhase.Failed,
    };
}
