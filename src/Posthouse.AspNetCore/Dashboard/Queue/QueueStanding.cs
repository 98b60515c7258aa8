using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>How many jobs stand where.</summary>
/// <param name="All">Every job.</param>
/// <param name="Others">The same without housekeeping that waits for its time.</param>
internal sealed record QueueStanding(QueueCounts All, QueueCounts Others)
{
    /// <summary>How many jobs of housekeeping wait for their time.</summary>
    public long HousekeepingJobs => All.Scheduled - Others.Scheduled;

    /// <summary>Counts.</summary>
    public static async Task<QueueStanding> CountAsync(JobQueue queue, IJobStore store)
    {
        if (store is IStore database)
        {
            return await database.ReadAsync(read => new QueueStanding(JobReads.Count(read), Housekeeping.CountOthers(read)));
        }

        var all = await queue.CountAsync();
        return new(all, all);
    }
}
