using Posthouse.Files;
using Posthouse.Jobs;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// What a person looks at first: the few jobs that need a decision, run, or come next. Each part is read through the partial
/// index that holds just that part, so that a look at a million jobs costs what a look at ten costs.
/// </summary>
internal static class Foremost
{
    /// <summary>The delete character: ids are ASCII without it, and all their letters stand before it.</summary>
    private const string AfterEveryIdLetter = "\u007f";

    /// <summary>Names are not in the index, so each costs a row: as many as a look can afford, about 10 ms.</summary>
    private const long MostScheduled = 20_000;

    private static readonly string[] Parts =
    [
        "SELECT seq FROM job INDEXED BY job_failed WHERE state = 3 AND reason <= 4 ORDER BY seq LIMIT $1",
        "SELECT seq FROM job INDEXED BY job_running WHERE state = 1 LIMIT $1",
        "SELECT seq FROM job INDEXED BY job_hold WHERE state = 0 AND gate = 3 LIMIT $1",
        "SELECT seq FROM job INDEXED BY job_open WHERE state = 0 AND gate = 0 LIMIT $1",
        "SELECT seq FROM job INDEXED BY job_time WHERE state = 0 AND gate = 1 AND ($2 IS NULL OR name <> $2) ORDER BY run_at LIMIT $1",
        "SELECT DISTINCT job.seq FROM job_after JOIN job ON job.seq = job_after.job AND job.gate = 2 ORDER BY job.seq LIMIT $1",
    ];

    /// <summary>Open jobs: those that need a decision, then running, held, ready, scheduled (the next first), waiting.</summary>
    /// <param name="read">A snapshot.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="but">A name of jobs that are left out while they wait for their time, or null.</param>
    public static List<JobRecord> Open(IRead read, int limit, string? but = null)
    {
        var jobs = new List<JobRecord>();
        foreach (var part in Parts)
        {
            var places = jobs.Count < limit ? read.Query(part, row => row.Int64(0), part.Contains("$2", StringComparison.Ordinal) ? [limit - jobs.Count, but] : [limit - jobs.Count]) : [];
            jobs.AddRange(places.Select(seq => JobReads.List(read, new JobQuery { AfterSeq = seq - 1, Limit = 1 })[0]));
        }

        return jobs;
    }

    /// <summary>How many jobs of a name wait for their time, among the next <see cref="MostScheduled"/> that do.</summary>
    public static long Scheduled(IRead read, string name) => read.Scalar(
        "SELECT count(*) FROM (SELECT name FROM job INDEXED BY job_time WHERE state = 0 AND gate = 1 ORDER BY run_at LIMIT $2) AS next WHERE name = $1", name, MostScheduled);

    /// <summary>Ids that begin so, in their own order.</summary>
    public static List<JobId> WithPrefix(IRead read, string prefix, int limit) => read.Query(
        "SELECT id FROM job WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3", row => JobId.Parse(row.Text(0)), prefix, prefix + AfterEveryIdLetter, limit);

    /// <summary>The files a job holds.</summary>
    public static List<StoredFile> Files(IRead read, JobId id) => read.Query(
        "SELECT job_file.hash, job_file.size FROM job JOIN job_file ON job_file.seq = job.seq WHERE job.id = $1 ORDER BY job_file.hash",
        row => new StoredFile(row.Text(0), row.Int64(1)), id.Value);

    /// <summary>Destinations with jobs that wait only because the last try did not reach it.</summary>
    public static List<string> Unreached(IRead read) =>
        read.Query("SELECT DISTINCT destination FROM job INDEXED BY job_unreached WHERE state = 0 AND gate = 1 AND unreached > 0 ORDER BY destination", row => row.Text(0));
}
