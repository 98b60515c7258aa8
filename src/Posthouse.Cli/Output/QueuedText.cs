using System.Globalization;
using Posthouse.Jobs;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Output;

/// <summary>What a person is told when an operation was queued instead of done.</summary>
internal static class QueuedText
{
    /// <summary>The lines.</summary>
    /// <param name="terminal">The far end.</param>
    /// <param name="operation">What was wanted.</param>
    /// <param name="id">Its job.</param>
    /// <param name="me">Who wanted it.</param>
    /// <param name="project">The project's name.</param>
    /// <param name="why">What kept it; null: nobody tried.</param>
    /// <param name="wasThere">Whether an earlier verb queued it.</param>
    public static IEnumerable<string> Lines(Terminal terminal, IOperation operation, JobId id, LockOwner me, string project, RemoteFailure? why, bool wasThere = false)
    {
        yield return $"{terminal.WarningMark} {Reason(why)} - {(wasThere ? "the same operation is queued already" : "operation queued")}";
        yield return "";
        yield return $"  Queued: {Kind(operation)}";
        if (Resource(operation) is { } resource && resource is not ("" or ResourceKey.WholeProject)) { yield return $"  Path: {resource}"; }
        yield return $"  User: {me.Shown}";
        if (operation is AcquireLock acquire) { yield return $"  Timeout: {Lease(acquire.TtlSeconds)}"; }
        yield return $"  Entry ID: {id}";
        yield return "";
        yield return $"{terminal.NoteMark} {Later(operation, project, why)}";
        yield return $"{terminal.NoteMark} Use 'posthouse queue sync' to retry manually";
    }

    /// <summary>A lease in words, for example <c>4 hours</c> or <c>1 hour 30 minutes</c>.</summary>
    public static string Lease(long seconds)
    {
        var span = TimeSpan.FromSeconds(seconds);
        string[] parts = [Part((long)span.TotalHours, "hour"), Part(span.Minutes, "minute"), Part(span.Seconds, "second")];
        return string.Join(' ', parts.Where(part => part.Length > 0));
    }

    private static string Part(long count, string unit) => count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");

    /// <summary>Why a lock is waited for that another has.</summary>
    public const string WaitsForHolder = "Another has the lock; each sync looks whether it is free";

    private static string Reason(RemoteFailure? why) => why?.Category switch
    {
        FailureCategory.LockConflict when why.Message == WaitsForHolder => "The lock is another's",
        null => "Nothing was sent",
        FailureCategory.Network => "Network is offline",
        FailureCategory.RateLimit => "The remote asked to wait",
        FailureCategory.Ambiguous => "Nobody knows whether it arrived",
        FailureCategory.LockConflict => "An earlier operation comes first",
        _ => "The remote is not available",
    };

    private static string Kind(IOperation operation) => operation switch
    {
        AcquireLock => "Acquire lock",
        ReleaseLock => "Release lock",
        RenewLock => "Renew lock",
        BreakLock => "Break lock",
        PushCommits push => $"Push {push.Branch}",
        PullCommits pull => $"Pull {pull.Branch}",
        _ => "Sync comments",
    };

    private static string? Resource(IOperation operation) => operation switch
    {
        AcquireLock acquire => acquire.Resource,
        ReleaseLock release => release.Resource,
        RenewLock renew => renew.Resource,
        BreakLock broken => broken.Resource,
        _ => null,
    };

    private static string Later(IOperation operation, string project, RemoteFailure? why)
    {
        if (why?.Category is FailureCategory.Ambiguous) { return "The next sync finds out, and does it if it was not done"; }
        if (why?.Category is FailureCategory.LockConflict) { return why.Message; }
        return operation switch
        {
            AcquireLock => "Lock will be acquired when network is available",
            ReleaseLock => "Lock will be released when network is available",
            RenewLock => "Lock will be renewed when network is available",
            BreakLock => "Lock will be broken when network is available, if it is still the same",
            PushCommits => $"{project} will be pushed when network is available",
            PullCommits => $"{project} will be pulled when network is available",
            _ => "Comments will be synced when network is available",
        };
    }
}
