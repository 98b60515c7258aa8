using System.Text.Json.Serialization;
using Posthouse.Jobs;

namespace Posthouse.Vcs.Sync;

/// <summary>
/// Something a person wants of a project's remote. Each is a job of the core, in the person's own store; the clone's id is its
/// destination, so that a sync runs one project's operations and leaves the others'.
/// </summary>
internal interface IOperation
{
    /// <summary>The clone.</summary>
    string CloneId { get; }
}

/// <summary>What an operation has to say when it is done.</summary>
/// <param name="Summary">One line for people.</param>
/// <param name="LockId">The lock it was about, or null.</param>
/// <param name="Commit">The commit that is there now, or null.</param>
/// <param name="Detail">More for programs, as JSON, or null.</param>
internal sealed record OperationResult(string Summary, string? LockId = null, string? Commit = null, string? Detail = null);

/// <summary>Takes a lock; a later try of the same job writes the same record.</summary>
/// <param name="CloneId">The clone.</param>
/// <param name="Resource">The resource's path.</param>
/// <param name="TtlSeconds">The lease, counted from the moment it is taken.</param>
/// <param name="Message">Why, or null.</param>
/// <param name="HeartbeatSeconds">How often it will be renewed, or null.</param>
/// <param name="WaitOnConflict">Whether a lock of another is waited for until the job expires.</param>
/// <param name="AllowStale">Whether it may be taken although the remote's branch is ahead of what is here.</param>
/// <param name="Branch">The branch it concerns, or null for the present one.</param>
[Job("vcs.acquire", IdPrefix = "acquire", Destination = "vcs:{CloneId}", Priority = 100, MaxAttempts = 20)]
internal sealed record AcquireLock(
    string CloneId, string Resource, long TtlSeconds, string? Message = null, long? HeartbeatSeconds = null, bool WaitOnConflict = false, bool AllowStale = false, string? Branch = null)
    : IJob<OperationResult>, IOperation
{
    public OperationResult OptimisticResult(OptimisticContext context) => new($"Lock {Resource}");
}

/// <summary>Gives a lock back.</summary>
/// <param name="CloneId">The clone.</param>
/// <param name="Resource">The resource's path.</param>
/// <param name="LockId">The tenure; null: the one that this clone holds when the job runs.</param>
[Job("vcs.release", IdPrefix = "release", Destination = "vcs:{CloneId}", Priority = 100, MaxAttempts = 20)]
internal sealed record ReleaseLock(string CloneId, string Resource, string? LockId = null) : IJob<OperationResult>, IOperation
{
    public OperationResult OptimisticResult(OptimisticContext context) => new($"Release {Resource}");
}

/// <summary>Moves a lease's end.</summary>
/// <param name="CloneId">The clone.</param>
/// <param name="Resource">The resource's path.</param>
/// <param name="TtlSeconds">The lease from the moment it is renewed; 0: the one that it has, which never brings its end nearer; with
/// <paramref name="Adds"/> so much is added to its end.</param>
/// <param name="Adds">Whether the time is added.</param>
/// <param name="LockId">The tenure; null: the one that this clone holds when the job runs.</param>
/// <param name="Until">The end that an addition means, so that a second try adds nothing. Set when it is queued, where the present end is known.</param>
[Job("vcs.renew", IdPrefix = "renew", Destination = "vcs:{CloneId}", Priority = 100, MaxAttempts = 20)]
internal sealed record RenewLock(string CloneId, string Resource, long TtlSeconds, bool Adds = false, string? LockId = null, DateTimeOffset? Until = null) : IJob<OperationResult>, IOperation
{
    public OperationResult OptimisticResult(OptimisticContext context) => new($"Renew {Resource}");
}

/// <summary>Takes a lock from its holder, if it is still that very lock.</summary>
/// <param name="CloneId">The clone.</param>
/// <param name="Resource">The resource's path.</param>
/// <param name="LockId">The tenure that is meant.</param>
/// <param name="Reason">Why, or null.</param>
[Job("vcs.break", IdPrefix = "break", Destination = "vcs:{CloneId}", Priority = 100, MaxAttempts = 20)]
internal sealed record BreakLock(string CloneId, string Resource, string LockId, string? Reason = null) : IJob<OperationResult>, IOperation
{
    public OperationResult OptimisticResult(OptimisticContext context) => new($"Break {Resource}");
}

/// <summary>Sends a branch.</summary>
/// <param name="CloneId">The clone.</param>
/// <param name="Branch">The branch.</param>
/// <param name="Commit">Its commit when it was asked for; at execution the present tip goes, if it still holds this one.</param>
/// <param name="IsFenced">Whether the locks that this clone holds, or waits for, must go with it.</param>
/// <param name="ForceWithLease">The commit that is replaced, or null.</param>
/// <param name="Restart">Whether a stage that was begun is thrown away first.</param>
/// <param name="Needs">Paths whose locks must go with it, as they were held or waited for when it was queued: without one of them it
/// is not sent. Null: those that are held when it runs. Set when it is queued.</param>
[Job("vcs.push", IdPrefix = "push", Destination = "vcs:{CloneId}", MaxAttempts = 20)]
internal sealed record PushCommits(
    string CloneId, string Branch, string Commit, bool IsFenced = true, string? ForceWithLease = null, bool Restart = false, IReadOnlyList<string>? Needs = null)
    : IJob<OperationResult>, IOperation
{
    public OperationResult OptimisticResult(OptimisticContext context) => new($"Push {Branch}");
}

/// <summary>Fetches a branch and moves the local one.</summary>
/// <param name="CloneId">The clone.</param>
/// <param name="Branch">The branch.</param>
/// <param name="Rebase">Whether local commits are put on top.</param>
[Job("vcs.pull", IdPrefix = "pull", Destination = "vcs:{CloneId}", MaxAttempts = 20, DeduplicationKey = "{CloneId}/{Branch}/{Way}")]
internal sealed record PullCommits(string CloneId, string Branch, bool Rebase = false) : IJob<OperationResult>, IOperation
{
    /// <summary>The way in which it moves: two pulls that differ in it are two wishes.</summary>
    [JsonIgnore]
    public string Way => Rebase ? "rebase" : "forward";

    public OperationResult OptimisticResult(OptimisticContext context) => new($"Pull {Branch}");
}

/// <summary>Exchanges comments both ways.</summary>
/// <param name="CloneId">The clone.</param>
[Job("vcs.comments", IdPrefix = "comments", Destination = "vcs:{CloneId}", MaxAttempts = 20, DeduplicationKey = "{CloneId}")]
internal sealed record SyncComments(string CloneId) : IJob<OperationResult>, IOperation
{
    public OperationResult OptimisticResult(OptimisticContext context) => new("Sync comments");
}
