using System.Globalization;
using Posthouse.Jobs;
using Posthouse.Vcs.Comments;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>Exchanges comments both ways; what both sides have is never sent again.</summary>
internal sealed class SyncCommentsHandler(OperationRun run) : IJobHandler<SyncComments, OperationResult>
{
    public Task<Outcome<OperationResult>> HandleAsync(SyncComments job, JobContext context, CancellationToken cancellationToken) => run.TryAsync(
        job,
        new OperationNote("vcs.comments", job.CloneId, OperationTitle.Of(job)),
        context,
        async at => await at.Comments.SyncAsync(cancellationToken) switch
        {
            CommentSync.Done done => new OperationAnswer.Arrived(new OperationResult(
                string.Create(CultureInfo.InvariantCulture, $"Comments: {done.Pushed} sent, {done.Pulled} received"))),
            CommentSync.Failed failed => new OperationAnswer.Failed(failed.Failure),
            _ => throw new InvalidOperationException("A comment sync ended in a way that nobody declared."),
        },
        cancellationToken);
}
