using Posthouse.Jobs;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>Fetches a branch and moves the local one, never over changes that were not committed.</summary>
internal sealed class PullCommitsHandler(OperationRun run, TransferFeed feed) : IJobHandler<PullCommits, OperationResult>
{
    public Task<Outcome<OperationResult>> HandleAsync(PullCommits job, JobContext context, CancellationToken cancellationToken) => run.TryAsync(
        job,
        new OperationNote("vcs.pull", job.CloneId, OperationTitle.Of(job)) { Branch = job.Branch },
        context,
        async at =>
        {
            var request = new PullRequest(job.Branch, job.Rebase ? PullMode.Rebase : PullMode.FastForwardOnly) { OnProgress = line => feed.Say(context.Id, line) };
            return await at.Remote.PullAsync(request, cancellationToken) switch
            {
                PullOutcome.Pulled pulled => new OperationAnswer.Arrived(new OperationResult(
                    $"Pulled {job.Branch}: {(pulled.From is { } from ? Short(from) + ".." : "new at ")}{Short(pulled.To)}{(pulled.Rebased > 0 ? $", {pulled.Rebased} local commit(s) put on top" : "")}", Commit: pulled.To)),
                PullOutcome.Failed failed => new OperationAnswer.Failed(failed.Failure),
                _ => new OperationAnswer.Arrived(new OperationResult($"{job.Branch} is up to date")),
            };
        },
        cancellationToken);

    private static string Short(string commit) => commit.Length > 7 ? commit[..7] : commit;
}
