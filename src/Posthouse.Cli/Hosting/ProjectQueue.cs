using System.Globalization;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>The part of a pocket's queue that is one clone's. A project has a thousand open operations at most, so they are read as they are.</summary>
internal static class ProjectQueue
{
    private const string IsOpen = "(state IN (0, 1) OR (state = 3 AND reason <= 4))";

    /// <summary>What is no project's: purchases and an application's own jobs.</summary>
    private const string IsOfNoProject = "(destination < 'vcs:' OR destination >= 'vcs;')";

    /// <summary>How many of its operations stand where.</summary>
    public static QueueCounts Count(IRead read, IReadOnlyList<KnownProject> here) => Count(read, Within(here), here);

    /// <summary>The same with what is no project's: all but other projects' operations.</summary>
    public static QueueCounts CountWithPurchases(IRead read, IReadOnlyList<KnownProject> here) => Count(read, $"({Within(here)} OR {IsOfNoProject})", here);

    /// <summary>The words in which states can be asked for: those of the counts.</summary>
    public static readonly string[] States = ["pending", "waiting", "held", "running", "completed", "failed", "closed"];

    /// <summary>Its open operations, or those of one state: failed and running ones first, then in the order in which they run.</summary>
    /// <param name="read">A snapshot.</param>
    /// <param name="here">Whose; null: all jobs.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="state">One of <see cref="States"/>, or null.</param>
    public static List<JobRecord> Foremost(IRead read, IReadOnlyList<KnownProject>? here, int limit, string? state = null) => [.. read.Query(
        string.Create(CultureInfo.InvariantCulture, $"SELECT seq FROM job WHERE {Within(here)} AND {Is(state)} ORDER BY state DESC, gate, priority DESC, seq LIMIT {limit}"),
        row => row.Int64(0), Destinations(here)).Select(seq => JobReads.List(read, new JobQuery { AfterSeq = seq - 1, Limit = 1 })[0])];

    /// <summary>A page of all jobs in the order they were accepted.</summary>
    /// <param name="read">A snapshot.</param>
    /// <param name="query">Which page, and of which jobs.</param>
    /// <param name="state">One of <see cref="States"/>, or <c>done</c> or <c>dead</c>; null: every job.</param>
    public static IReadOnlyList<JobRecord> List(IRead read, JobQuery query, string? state) => state switch
    {
        null => JobReads.List(read, query),
        "done" or "completed" => JobReads.List(read, query with { State = JobState.Done }),
        "dead" => JobReads.List(read, query with { State = JobState.Dead }),
        "running" => JobReads.List(read, query with { State = JobState.Running }),
        "failed" or "closed" => JobReads.List(read, query with { NeedsDecision = state == "failed" }),
        _ => [.. read.Query(
            $"SELECT seq FROM job WHERE {Is(state)} AND seq > $1 AND ($2 IS NULL OR lane = $2) AND ($3 IS NULL OR name = $3) ORDER BY seq LIMIT $4",
            row => row.Int64(0), query.AfterSeq, query.Lane, query.Name, query.Limit).Select(seq => JobReads.List(read, new JobQuery { AfterSeq = seq - 1, Limit = 1 })[0])],
    };

    /// <summary>Which processes run its operations, or all jobs of the store, and how many each.</summary>
    public static List<(string Instance, long Jobs)> Running(IRead read, IReadOnlyList<KnownProject>? here) => read.Query(
        $"SELECT instance, count(*) FROM job WHERE {Within(here)} AND state = 1 GROUP BY instance", row => (row.Text(0), row.Int64(1)), Destinations(here));

    /// <summary>Open jobs of the store that are not its.</summary>
    public static long Others(IRead read, IReadOnlyList<KnownProject> here) => read.Scalar($"SELECT count(*) FROM job WHERE NOT {Within(here)} AND {IsOpen}", Destinations(here));

    /// <summary>The places of its operations that wait or need a decision, the newest first: none of them then opens another.</summary>
    /// <param name="read">A snapshot.</param>
    /// <param name="here">Whose; null: all jobs.</param>
    /// <param name="failed">Whether only those that need a decision are meant.</param>
    public static List<long> Undone(IRead read, IReadOnlyList<KnownProject>? here, bool failed) =>
        read.Query($"SELECT seq FROM job WHERE {Within(here)} AND state <> 1 AND {(failed ? Is("failed") : IsOpen)} ORDER BY seq DESC", row => row.Int64(0), Destinations(here));

    private static QueueCounts Count(IRead read, string scope, IReadOnlyList<KnownProject> here)
    {
        var destinations = Destinations(here);
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
            OpenBytes = read.Scalar($"SELECT sum(bytes) FROM job WHERE {scope} AND {IsOpen}", destinations),
            Paused = all.Paused,
            PausedDestinations = [.. all.PausedDestinations.Where(paused => here.Any(project => paused == OpenOperations.StoredDestination(project.CloneId)))],
            OldestOpen = Time($"SELECT min(created_at) FROM job WHERE {scope} AND {IsOpen}"),
            NextDue = Time($"SELECT min(run_at) FROM job WHERE {scope} AND state = 0 AND gate = 1"),
        };

        long Of(string where) => read.Scalar($"SELECT count(*) FROM job WHERE {scope} AND {where}", destinations);

        DateTimeOffset? Time(string sql) => read.QueryFirst(sql, row => row.Int64OrNull(0), destinations) is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
    }

    private static string Is(string? state) => state switch
    {
        null => IsOpen,
        "pending" => "state = 0 AND gate IN (0, 1)",
        "waiting" => "state = 0 AND gate = 2",
        "held" => "state = 0 AND gate = 3",
        "running" => "state = 1",
        "completed" => "state = 2",
        "failed" => "state = 3 AND reason <= 4",
        _ => "state = 3 AND reason > 4",
    };

    private static string Within(IReadOnlyList<KnownProject>? here) => here is null ? "true"
        : $"destination IN ({string.Join(", ", Enumerable.Range(1, here.Count).Select(number => "$" + number.ToString(CultureInfo.InvariantCulture)))})";

    private static SqlValue[] Destinations(IReadOnlyList<KnownProject>? here) => [.. (here ?? []).Select(project => (SqlValue)OpenOperations.StoredDestination(project.CloneId))];
}
