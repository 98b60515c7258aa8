using Microsoft.Extensions.DependencyInjection;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>Takes entries of files into the queue. Each file's id becomes the job's, so that importing twice queues nothing twice.</summary>
internal sealed class QueueImport(IServiceProvider services)
{
    private readonly List<(string Path, string Why)> _refused = [];

    /// <summary>How many were queued.</summary>
    public int Taken { get; private set; }

    /// <summary>How many were done, or here already.</summary>
    public int Skipped { get; private set; }

    /// <summary>Files that could not be taken, and why.</summary>
    public IReadOnlyList<(string Path, string Why)> Refused => _refused;

    /// <summary>Takes one file.</summary>
    public async Task TakeAsync(string path, CancellationToken cancellationToken)
    {
        if (QueueEntryJson.TryRead(await File.ReadAllBytesAsync(path, cancellationToken)) is not { } entry)
        {
            _refused.Add((path, "it is no queue entry"));
            return;
        }

        if (!JobId.TryParse(entry.Id, out var id) || entry.IsCompleted || await services.GetRequiredService<IJobStore>().GetAsync(id) is not null)
        {
            Skipped++;
            return;
        }

        try
        {
            await TakeAsync(id, entry, cancellationToken);
            Taken++;
        }
        catch (PosthouseException failure)
        {
            _refused.Add((path, failure.Message.Split('\n')[0]));
        }
    }

    private async Task TakeAsync(JobId id, QueueEntry entry, CancellationToken cancellationToken)
    {
        var workplaces = services.GetRequiredService<IWorkplaces>();
        var at = entry.Folder.Length > 0 && Directory.Exists(entry.Folder)
            ? await workplaces.HereAsync(entry.Folder, "origin", cancellationToken)
            : await workplaces.OfCloneAsync(entry.Operation.CloneId, cancellationToken);
        var clone = at.Project.CloneId;
        var queue = services.GetRequiredService<OperationQueue>();
        switch (entry.Operation)
        {
            case AcquireLock acquire: await queue.EnqueueAsync(at.Project, acquire with { CloneId = clone }, id); break;
            case ReleaseLock release: await queue.EnqueueAsync(at.Project, release with { CloneId = clone }, id); break;
            case RenewLock renew: await queue.EnqueueAsync(at.Project, renew with { CloneId = clone }, id); break;
            case BreakLock broken: await queue.EnqueueAsync(at.Project, broken with { CloneId = clone }, id); break;
            case PullCommits pull: await queue.EnqueueAsync(at.Project, pull with { CloneId = clone }, id); break;
            case SyncComments: await queue.EnqueueAsync(at.Project, new SyncComments(clone), id); break;
            case PushCommits push:
                // The sources' entries name no commit: what the branch is now is what they would have pushed.
                var commit = push.Commit.Length > 0 ? push.Commit : await new BranchState(at.Git, at.Project).TipAsync(push.Branch, cancellationToken);
                await queue.EnqueueAsync(at.Project, push with
                {
                    CloneId = clone,
                    Commit = commit ?? throw new PosthouseException(ErrorCodes.OptionsInvalid, $"There is no branch {push.Branch} in {at.Project.Root}."),
                }, id);
                break;
        }
    }
}
