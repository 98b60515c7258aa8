using Posthouse.Jobs;

namespace Posthouse.Storage.Memory;

/// <summary>What can be seen of the jobs without changing them.</summary>
internal sealed class Listing(Books books)
{
    public JobRecord? Get(JobId id) => books.Jobs.TryFind(id, out var row) ? Record(row) : null;

    public List<JobRecord> List(JobQuery query) =>
    [
        .. books.Jobs.All.Where(row => row.Seq > query.AfterSeq
            && (query.State is null || row.State == query.State)
            && (query.NeedsDecision is null || (row.State is JobState.Dead && row.NeedsDecision == query.NeedsDecision))
            && (query.Lane is null || row.Draft.Lane == query.Lane)
            && (query.Name is null || row.Draft.Name == query.Name)
            && (query.IdPrefix is null || row.Id.Value.StartsWith(query.IdPrefix, StringComparison.Ordinal)))
        .Take(Math.Clamp(query.Limit, 1, JobQuery.MaxPage)).Select(Record),
    ];

    public QueueCounts Count()
    {
        var rows = books.Jobs.All.ToList();
        long At(Gate gate) => rows.Count(row => row.State is JobState.Pending && row.Gate == gate);
        return new QueueCounts
        {
            Ready = At(Gate.Open),
            Scheduled = At(Gate.Time),
            Waiting = At(Gate.After),
            Held = At(Gate.Hold),
            Running = rows.Count(row => row.State is JobState.Running),
            Failed = rows.Count(row => row.NeedsDecision),
            Done = rows.Count(row => row.State is JobState.Done),
            Closed = rows.Count(row => row.State is JobState.Dead && !row.NeedsDecision),
            OpenBytes = books.Jobs.OpenBytes,
            Paused = books.Pauses.All,
            PausedDestinations = [.. books.Pauses.Destinations],
            OldestOpen = rows.Find(row => row.IsOpen) is { } oldest ? JobRow.Instant(oldest.AcceptedAt) : null,
            OldestReady = rows.Find(row => row.State is JobState.Pending && row.Gate is Gate.Open) is { } ready ? JobRow.Instant(Math.Max(ready.AcceptedAt, ready.RunAt)) : null,
            NextDue = books.Jobs.Due.Count > 0 ? JobRow.Instant(books.Jobs.Due.Min.At) : null,
        };
    }

    private JobRecord Record(JobRow row) => row.ToRecord(seq => books.Jobs[seq].Id);
}
