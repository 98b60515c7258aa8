using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>What somebody wants to see of a queue.</summary>
/// <param name="Here">Whose operations; null: all jobs.</param>
/// <param name="State">One of <see cref="ProjectQueue.States"/>; null: all that are open.</param>
/// <param name="Limit">How many jobs at most.</param>
internal sealed record QueueLook(IReadOnlyList<KnownProject>? Here, string? State, int Limit);

/// <summary>A queue as it stands: the counts, and the jobs that matter first.</summary>
/// <param name="Counts">How many stand where.</param>
/// <param name="Jobs">The foremost of those that were asked for.</param>
internal sealed record QueueView(QueueCounts Counts, IReadOnlyList<JobRecord> Jobs)
{
    /// <summary>How many of the running ones are of a process that is gone.</summary>
    public long Interrupted { get; init; }

    /// <summary>How many jobs concern nobody but the server itself.</summary>
    public long Housekeeping { get; init; }

    /// <summary>How many open jobs are another's.</summary>
    public long Others { get; init; }

    /// <summary>Whether the jobs are those of one state.</summary>
    public bool IsOfOneState { get; init; }

    /// <summary>Whether <c>queue sync</c> has somebody who sends: a store of another program's jobs has only that program.</summary>
    public bool CanSync { get; init; } = true;

    /// <summary>Reads it.</summary>
    public static QueueView Of(IRead read, QueueSite site, QueueLook look)
    {
        if (look.Here is { } here)
        {
            return new QueueView(ProjectQueue.Count(read, here), ProjectQueue.Foremost(read, here, look.Limit, look.State))
            {
                Interrupted = site.Interrupted(read, here),
                Others = ProjectQueue.Others(read, here),
                IsOfOneState = look.State is not null,
            };
        }

        // A program gets everything; a person is spared what a server has to do for itself, later.
        var spared = site.Json ? null : Ivxp.Orders.Expiry.Housekeeping.JobName;
        return new QueueView(JobReads.Count(read), look.State is { } state ? ProjectQueue.Foremost(read, null, look.Limit, state) : Foremost.Open(read, look.Limit, spared))
        {
            Interrupted = site.Interrupted(read, null),
            Housekeeping = spared is null ? 0 : Foremost.Scheduled(read, spared),
            IsOfOneState = look.State is not null,
            CanSync = site.CanSync(read),
        };
    }
}
