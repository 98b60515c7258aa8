using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.Cli.Hosting;

/// <summary>Follows the event log while a server works off what is due, and counts what becomes of it.</summary>
/// <param name="site">Whom it tells.</param>
/// <param name="reader">The store.</param>
/// <param name="count">Counts the jobs that are followed.</param>
internal sealed class SyncFollower(QueueSite site, IStoreLook reader, Func<IRead, QueueCounts> count)
{
    private const int Page = 500;

    /// <summary>Looking costs microseconds; a tenth of a second seems at once.</summary>
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    private long _position = reader.Read(JobReads.LastPosition);

    /// <summary>Jobs that arrived.</summary>
    public int Succeeded { get; private set; }

    /// <summary>Jobs that died.</summary>
    public int Failed { get; private set; }

    /// <summary>Tries that failed and will be repeated.</summary>
    public int Postponed { get; private set; }

    /// <summary>Returns when nothing is ready or running any more, or when the time is over.</summary>
    /// <param name="most">How long it follows.</param>
    /// <param name="awaitsDue">Whether what becomes due within that time is waited for, too.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<QueueCounts> FollowAsync(TimeSpan most, bool awaitsDue, CancellationToken cancellationToken)
    {
        var begun = site.Time.GetTimestamp();
        var end = site.Time.GetUtcNow() + most;
        while (true)
        {
            // Counts first: an event between the two reads then belongs to a job that the counts still show as open.
            var counts = reader.Read(count);
            while (ReadOn()) { }
            var comesYet = awaitsDue && counts.NextDue < end;
            if ((counts.Ready + counts.Running == 0 && !comesYet) || site.Time.GetElapsedTime(begun) >= most) { return counts; }
            await Task.Delay(_interval, site.Time, cancellationToken);
        }
    }

    private bool ReadOn()
    {
        var events = reader.Read(read => JobReads.Events(read, _position, new EventFilter(Room: JobEventBodies.Room), Page));
        foreach (var entry in events)
        {
            _position = entry.Position;
            Count(entry);
        }

        return events.Count == Page;
    }

    private void Count(StoredEvent entry)
    {
        var job = reader.Read(read => JobReads.Get(read, JobId.Parse(entry.Subject)));
        var title = job is null ? entry.Subject : $"{site.TitleOf(job)} ({job.Id})";
        var why = job?.Failure is { } failure ? " - " + JobWords.Failure(failure).Split('\n')[0] : "";
        switch (entry.Kind)
        {
            case JobEventBodies.Done:
                Succeeded++;
                Say($"{site.Terminal.DoneMark} Completed: {title}");
                break;
            case JobEventBodies.Dead:
                Failed++;
                Say($"{site.Terminal.FailedMark} Failed: {title}{why}");
                if (job is not null && site.PurchaseOf(job) is { } purchase) { Say("   " + QueuedPurchase.Hint(site, purchase, job)); }
                break;
            case JobEventBodies.AttemptFailed when !JobEventReading.IsFinal(entry.Body):
                Postponed++;
                Say($"{site.Terminal.WarningMark} Will be tried again: {title}{why}");
                break;
        }
    }

    private void Say(string line)
    {
        if (!site.Json) { site.Say(line); }
    }
}
