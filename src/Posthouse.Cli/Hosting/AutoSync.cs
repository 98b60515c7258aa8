using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>What a verb that needs the remote does first: sends what this project has pending. It warns and never fails.</summary>
internal sealed class AutoSync(ProjectSite site)
{
    /// <summary>What a thin line carries in a second. A push that does not fit into the budget at this rate would be cut by each verb, and never arrive.</summary>
    private const long BytesPerSecond = 256 << 10;

    /// <summary>Runs it, where it is wanted and there is something to send.</summary>
    /// <param name="leavesPushes">Whether pushes stay in the queue.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(bool leavesPushes, CancellationToken cancellationToken)
    {
        var (waiting, elsewhere) = await site.Store.ReadAsync(read => (Waiting(read, site.Project.CloneId), Elsewhere(read, site.Project.Destination)));
        if (elsewhere > 0) { site.Tell(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.NoteMark} {elsewhere} operation(s) of other projects wait; 'posthouse queue sync --all-projects' sends them")); }
        if (waiting.Count == 0 || !IsWanted()) { return; }
        if ((await site.RemoteStateAsync()).NotBefore > site.Time.GetUtcNow() || await site.ReachAsync(cancellationToken) is Reachability.Offline) { return; }

        var budget = site.Configuration.Duration(ConfigurationKeys.SyncAutoBudget);
        var pushes = waiting.FindAll(operation => operation is PushCommits);
        var isLarge = !leavesPushes && pushes.Count > 0 && await BytesAsync(pushes.OfType<PushCommits>(), cancellationToken) > BytesPerSecond * budget.TotalSeconds;
        if (isLarge) { site.Tell($"{site.Terminal.NoteMark} {OperationTitle.Of(pushes[0], site.Project.Name)}: too large to go along with a command; 'posthouse push' or 'posthouse queue sync' sends it"); }
        leavesPushes |= isLarge;
        if (leavesPushes)
        {
            // For the rest of the verb: neither does it fit into what a lock's operation may take.
            site.Services.GetRequiredService<SyncScope>().Only = [.. Enum.GetValues<OperationKind>().Except([OperationKind.Push])];
            waiting = waiting.FindAll(operation => operation is not PushCommits);
            if (waiting.Count == 0) { return; }
        }

        site.Tell(string.Create(CultureInfo.InvariantCulture, $"[Auto-syncing {waiting.Count} pending operation(s)...]"));
        var isHeard = false;
        var run = new SyncRun(site.Services, site.Time, (news, id, title, failure) =>
        {
            isHeard |= news is not SyncNews.Begun;
            if (news is SyncNews.Completed) { site.Tell($"{site.Terminal.DoneMark} Completed: {title}"); }
            else if (news is not SyncNews.Begun) { site.Tell($"{site.Terminal.WarningMark} {title}: {failure!.Message.Split('\n')[0]}"); }
        });
        var here = new KnownProject(site.Project.CloneId, site.Project.Root, site.Project.Remote, site.Address, site.Time.GetUtcNow());
        using var talk = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var doubt = site.DoubtAsync(talk, () => Volatile.Read(ref isHeard), talk.Token);
        try
        {
            // The clone may have moved since its operations were queued.
            await site.Store.WriteAsync(write => ProjectBook.Seen(write, site.Project));
            await run.RunAsync([here], budget, awaitsDue: false, talk.Token);
        }
        catch (PosthouseException failure)
        {
            site.Tell($"{site.Terminal.WarningMark} The sync ended early: {failure.Message.Split('\n')[0]}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            site.Tell($"{site.Terminal.WarningMark} The sync ended early: {RemoteReach.Silent.Message}");
        }
        finally
        {
            talk.Cancel();
            await doubt;
        }

        if (run.Failed.Count == 0 && run.Succeeded > 0 && !leavesPushes && !run.Waits) { site.Tell($"{site.Terminal.DoneMark} All operations synced successfully!"); }
    }

    private bool IsWanted() => !site.Flags.NoSync && !site.Flags.Offline && site.Configuration.IsOn(ConfigurationKeys.SyncAuto)
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    private static List<IOperation> Waiting(Posthouse.Storage.IRead read, string cloneId) =>
        [.. OpenOperations.Of(read, cloneId).Where(operation => operation.Phase is OperationPhase.Waiting).Select(operation => operation.Operation)];

    /// <summary>What the pushes would send, as far as Git can tell; those that it knows nothing of say so themselves when they are tried.</summary>
    private async Task<long> BytesAsync(IEnumerable<PushCommits> pushes, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        foreach (var push in pushes)
        {
            try
            {
                bytes += await new MissingBlobs(site.Git, site.Project).EstimateAsync(push.Commit, cancellationToken);
            }
            catch (VcsException)
            {
                continue;
            }
        }

        return bytes;
    }

    private static long Elsewhere(Posthouse.Storage.IRead read, string destination) => read.Scalar(
        "SELECT count(*) FROM job WHERE state = 0 AND destination <> $1 AND destination >= 'vcs:' AND destination < 'vcs;'", destination);
}
