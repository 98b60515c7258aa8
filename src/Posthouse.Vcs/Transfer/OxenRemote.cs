using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>
/// An Oxen remote, through the machine's <c>oxen</c> program. It pushes and pulls; it has neither transactions nor a lease, so locks
/// are kept elsewhere and no push is fenced. Only its exit code is believed to tell success.
/// </summary>
/// <remarks>Written from the program's documentation and tried with a scripted stand-in alone.</remarks>
internal sealed class OxenRemote(OxenProgram oxen, IGit git, Project project, TimeProvider time) : IVcsRemote
{
    private readonly RemoteReach _reach = new(git, project, time);

    /// <inheritdoc/>
    public async Task<PushOutcome> PushAsync(PushRequest request, CancellationToken cancellationToken)
    {
        if (request.ForceWithLease is not null)
            return new PushOutcome.Failed(Cannot("replace a branch only where it is still the one that was seen"));
        try
        {
            // Oxen itself sends only what the remote lacks, so a push that is repeated goes on where it was cut.
            var result = await oxen.RunAsync(project.Root, ["push", project.Remote, request.Branch], cancellationToken);
            return result.ExitCode == 0 ? new PushOutcome.Pushed(null, null, IsFenced: false) : new PushOutcome.Failed(OxenFailures.Judge(result));
        }
        catch (VcsException e)
        {
            return new PushOutcome.Failed(e.Failure);
        }
    }

    /// <inheritdoc/>
    public async Task<PullOutcome> PullAsync(PullRequest request, CancellationToken cancellationToken)
    {
        if (request.Mode == PullMode.Rebase)
            return new PullOutcome.Failed(Cannot("put local commits on top of the remote's"));
        try
        {
            var before = await HeadAsync(cancellationToken);
            var result = await oxen.RunAsync(project.Root, ["pull", project.Remote, request.Branch], cancellationToken);
            if (result.ExitCode != 0)
                return new PullOutcome.Failed(OxenFailures.Judge(result));
            var after = await HeadAsync(cancellationToken);
            return after is null || after == before ? new PullOutcome.UpToDate() : new PullOutcome.Pulled(before, after, 0);
        }
        catch (VcsException e)
        {
            return new PullOutcome.Failed(e.Failure);
        }
    }

    /// <inheritdoc/>
    public Task<Reachability> ProbeAsync(TimeSpan within, CancellationToken cancellationToken) => _reach.ProbeAsync(within, cancellationToken);

    /// <summary>The newest commit here, by the first line of the log (<c>commit ID</c>), or null.</summary>
    private async Task<string?> HeadAsync(CancellationToken cancellationToken)
    {
        var result = await oxen.RunAsync(project.Root, ["log", "-n", "1"], cancellationToken);
        return result.ExitCode == 0 ? result.Output.Split('\n').Select(line => line.Trim().Split(' ')).FirstOrDefault(words => words is ["commit", _])?[1] : null;
    }

    private static RemoteFailure Cannot(string what) => new(FailureCategory.ClientBug, $"Oxen cannot {what}.") { Code = VcsErrors.RemoteUnsupported };
}
