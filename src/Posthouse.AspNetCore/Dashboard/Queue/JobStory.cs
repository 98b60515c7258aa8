using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>Reads what happened to one job out of the one log, which has no index by job: every enqueue would pay for it.</summary>
internal static class JobStory
{
    /// <summary>A job has about four events; one that was retried for days has more than anybody reads.</summary>
    public const int Most = 200;

    /// <summary>How far a wall clock may have been set back since the job was accepted.</summary>
    public static readonly TimeSpan SetBack = TimeSpan.FromHours(1);

    /// <summary>Its newest events, oldest first.</summary>
    public static async Task<IReadOnlyList<StoredEvent>> ReadAsync(IJobStore store, JobRecord job)
    {
        var filter = new EventFilter(job.Owner, JobEventBodies.Room, job.Id.Value);
        var newest = new List<StoredEvent>();
        var after = await BeforeAsync(store, job.AcceptedAt);
        while (await store.ReadEventsAsync(after, filter, Most) is { Count: > 0 } page)
        {
            newest.AddRange(page);
            newest.RemoveRange(0, Math.Max(0, newest.Count - Most));
            if (page.Count < Most) { break; }
            after = page[^1].Position;
        }

        return newest;
    }

    /// <summary>
    /// A position behind which everything of that moment or later is. Positions rise with time, so it is found by halving, with one look at the
    /// log's key each. Where the clock was set back, some of what is found may be older; nothing that is asked for is left out.
    /// </summary>
    internal static async Task<long> BeforeAsync(IJobStore store, DateTimeOffset moment)
    {
        var (low, high) = (0L, await store.LastPositionAsync());
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            // What is no longer in the log is skipped by this look itself.
            if (await store.ReadEventsAsync(middle, new EventFilter(), 1) is [var next] && next.At < moment - SetBack) { low = next.Position; }
            else { high = middle; }
        }

        return low;
    }
}
