namespace Posthouse.Vcs.Transfer;

/// <summary>A remote that branches are pushed to and pulled from: Git itself, or another program behind the same shape.</summary>
internal interface IVcsRemote
{
    /// <summary>Sends one branch once.</summary>
    Task<PushOutcome> PushAsync(PushRequest request, CancellationToken cancellationToken);

    /// <summary>Fetches one branch and moves the local one, once.</summary>
    Task<PullOutcome> PullAsync(PullRequest request, CancellationToken cancellationToken);

    /// <summary>Finds out quickly whether the far side can be reached; knows nothing about permission.</summary>
    /// <param name="within">What gives no answer for so long is offline.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<Reachability> ProbeAsync(TimeSpan within, CancellationToken cancellationToken);
}

/// <summary>What is believed about a remote.</summary>
internal enum Reachability
{
    /// <summary>It cannot be told, so it is tried.</summary>
    Unknown = 0,

    /// <summary>It can be reached.</summary>
    Online = 1,

    /// <summary>It cannot.</summary>
    Offline = 2,
}

/// <summary>A lock record that goes out with the branch: all or nothing. The far side checks only refs that change, so it is always a new record.</summary>
/// <param name="Ref">The lock's ref.</param>
/// <param name="Expected">The version that this clone holds.</param>
/// <param name="Renewal">The commit of the renewal, which is in the local object store already.</param>
internal sealed record PushGuard(string Ref, string Expected, string Renewal);

/// <summary>What is to be pushed.</summary>
/// <param name="Branch">The branch's short name, the same on both sides.</param>
/// <param name="Commit">Its commit.</param>
internal sealed record PushRequest(string Branch, string Commit)
{
    /// <summary>The branch's full name.</summary>
    public string Ref => "refs/heads/" + Branch;

    /// <summary>The locks that guard it; empty: it goes unfenced.</summary>
    public IReadOnlyList<PushGuard> Guards { get; init; } = [];

    /// <summary>Makes the guards anew just before the branch goes, because staging may outlast the records that were made before it;
    /// null: <see cref="Guards"/> go as they are. Called only where something was staged.</summary>
    public Func<CancellationToken, Task<IReadOnlyList<PushGuard>>>? RefreshGuards { get; init; }

    /// <summary>The commit that the remote's branch must still have, to replace it; null: fast forward only.</summary>
    public string? ForceWithLease { get; init; }

    /// <summary>Above so many bytes the push is staged. Default 64 MiB: below it, a second try costs less than staging.</summary>
    public long StagedThresholdBytes { get; init; } = 64L << 20;

    /// <summary>How large a batch of a staged push is. Default 16 MiB: what a cut costs at most.</summary>
    public long BatchBytes { get; init; } = 16L << 20;

    /// <summary>Whether a stage that was begun is thrown away first.</summary>
    public bool Restart { get; init; }

    /// <summary>Hears how far it is, on a thread of the pool.</summary>
    public Action<TransferProgress>? OnProgress { get; init; }
}

/// <summary>How far a transfer is; only what the far side acknowledged is counted.</summary>
/// <param name="TransferredBytes">Acknowledged bytes.</param>
/// <param name="TotalBytes">All bytes, as far as known.</param>
/// <param name="Checkpoint">The last finished batch, from which it would go on, or null.</param>
internal sealed record TransferProgress(long TransferredBytes, long TotalBytes, string? Checkpoint);

/// <summary>How a push ended.</summary>
internal abstract record PushOutcome
{
    private PushOutcome()
    {
    }

    /// <summary>The branch is there.</summary>
    /// <param name="Before">Its commit before, or null where it was new.</param>
    /// <param name="Progress">What was sent; null where nothing had to be staged or counted.</param>
    /// <param name="IsFenced">Whether the locks went with it in one transaction.</param>
    internal sealed record Pushed(string? Before, TransferProgress? Progress, bool IsFenced) : PushOutcome
    {
        /// <summary>Whether the branch does not hold any more what it held before.</summary>
        public bool IsReplaced { get; init; }
    }

    /// <summary>The remote has it already.</summary>
    internal sealed record UpToDate : PushOutcome;

    /// <summary>It did not happen; see the failure's category.</summary>
    /// <param name="Failure">Why.</param>
    internal sealed record Failed(RemoteFailure Failure) : PushOutcome;
}

/// <summary>How a local branch may be moved by a pull.</summary>
internal enum PullMode
{
    /// <summary>Only forwards.</summary>
    FastForwardOnly = 1,

    /// <summary>Local commits are put on top, unless they touch what the remote touched.</summary>
    Rebase = 2,
}

/// <summary>What is to be pulled.</summary>
/// <param name="Branch">The branch's short name.</param>
/// <param name="Mode">How.</param>
internal sealed record PullRequest(string Branch, PullMode Mode)
{
    /// <summary>Hears how far it is, on a thread of the pool.</summary>
    public Action<string>? OnProgress { get; init; }
}

/// <summary>How a pull ended.</summary>
internal abstract record PullOutcome
{
    private PullOutcome()
    {
    }

    /// <summary>The branch moved.</summary>
    /// <param name="From">Its commit before, or null where it was new.</param>
    /// <param name="To">Its commit now.</param>
    /// <param name="Rebased">How many local commits were put on top.</param>
    internal sealed record Pulled(string? From, string To, int Rebased) : PullOutcome;

    /// <summary>There was nothing new.</summary>
    internal sealed record UpToDate : PullOutcome;

    /// <summary>Nothing here was changed; see the failure's category and hint.</summary>
    /// <param name="Failure">Why.</param>
    internal sealed record Failed(RemoteFailure Failure) : PullOutcome;
}
