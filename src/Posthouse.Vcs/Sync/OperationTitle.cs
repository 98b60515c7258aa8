using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync;

/// <summary>What operations are called in lists.</summary>
internal static class OperationTitle
{
    /// <summary>The operation in a few words, for example <c>Acquire lock for MyProject.logicx</c>.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="project">What the whole project is called.</param>
    public static string Of(IOperation operation, string project = "the project")
    {
        return operation switch
        {
            AcquireLock acquire => "Acquire lock for " + Name(acquire.Resource),
            ReleaseLock release => "Release lock for " + Name(release.Resource),
            RenewLock renew => "Renew lock for " + Name(renew.Resource),
            BreakLock broken => "Break lock for " + Name(broken.Resource),
            PushCommits push => $"Push {push.Branch} to remote",
            PullCommits pull => $"Pull {pull.Branch} from remote",
            _ => "Sync comments",
        };

        string Name(string resource) => resource is "" or ResourceKey.WholeProject ? project : resource;
    }

    /// <summary>The same of a stored job; null where it is none of this room's, or cannot be read.</summary>
    public static string? Of(string name, ReadOnlySpan<byte> payload, string project = "the project") =>
        OpenOperations.TryRead(name, payload) is { } operation ? Of(operation, project) : null;
}
