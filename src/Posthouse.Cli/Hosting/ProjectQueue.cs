using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>The part of a pocket's queue that is one project's. A project has a thousand open operations at most, so they are read as they are.</summary>
internal static class ProjectQueue
{
    private const string IsOpen = "(state IN (0, 1) OR (state = 3 AND reason <= 4))";

    /// <summary>How many of its operations stand where.</summary>
    public static QueueCounts Count(IRead read, KnownProject project)
    {
        var destination = OpenOperations.StoredDestination(project.CloneId);
        var all = JobReads.Count(read);
        return new QueueCounts
        {
            Ready = Of("state = 0 AND gate = 0"),
            Scheduled = Of("state = 0 AND gate = 1"),
            Waiting = Of("state = 0 AND gate = 2"),
            Held = Of("state = 0 AND gate = 3"),
            Running = Of("state = 1"),
            Done = Of("state = 2"),
            Failed = Of("state = 3 AND reason <= 4"),
            Closed = Of("state = 3 AND reason > 4"),
            OpenBytes = read.Scalar($"SELECT sum(bytes) FROM job WHERE destination = $1 AND {IsOpen}", destination),
            Paused = all.Paused,
            PausedDestinations = [.. all.PausedDestinations.Where(paused => paused == destination)],
            OldestOpen = Time($"SELECT min(created_at) FROM job WHERE destination = $1 AND {IsOpen}"),
            NextDue = Time("SELECT min(run_at) FROM job WHERE destination = $1 AND state = 0 AND gate = 1"),
        };

        long Of(string where) => read.Scalar($"SELECT count(*) FROM job WHERE destination = $1 AND {where}", destination);

        DateTimeOffset? Time(string sql) => read.QueryFirst(sql, row => row.Int64OrNull(0), destination) is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
    }

    /// <summary>Its open operations: failed and running ones first, then in the order in which they run.</summary>
    public static List<JobRecord> Foremost(IRead read, KnownProject project, int limit) => [.. read.Query(
        $"SELECT seq FROM job WHERE destination = $1 AND {IsOpen} ORDER BY state DESC, gate, priority DESC, seq LIMIT $2",
        row => row.Int64(0), OpenOperations.StoredDestination(project.CloneId), limit).Select(seq => JobReads.List(read, new JobQuery { AfterSeq = seq - 1, Limit = 1 })[0])];

    /// <summary>Open jobs of the store that are not its.</summary>
    public static long Others(IRead read, KnownProject project) =>
        read.Scalar($"SELECT count(*) FROM job WHERE destination <> $1 AND {IsOpen}", OpenOperations.StoredDestination(project.CloneId));
}
