using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.Ivxp.Orders.Expiry;

/// <summary>What a server has to do for itself, later: nothing that a person sent, and nothing to decide about.</summary>
internal static class Housekeeping
{
    /// <summary>The stored name of the job that ends quotes and removes contents when their time has come. There is one of it, at most.</summary>
    public const string JobName = "ivxp.sweep";

    /// <summary>Names are not in the index, so each costs a row: no more are looked at than a look can afford.</summary>
    private const string Place = "SELECT seq FROM (SELECT seq, name FROM job INDEXED BY job_time WHERE state = 0 AND gate = 1 ORDER BY run_at LIMIT 20000) AS next WHERE name = $1";

    private const string NextDue = "SELECT min(run_at) FROM job INDEXED BY job_time WHERE state = 0 AND gate = 1 AND seq <> $1";

    /// <summary>The first of each part of the open jobs, by the index that holds just that part.</summary>
    private static readonly string[] _first =
    [
        "SELECT min(seq) FROM job INDEXED BY job_open WHERE state = 0 AND gate = 0",
        "SELECT min(seq) FROM job INDEXED BY job_time WHERE state = 0 AND gate = 1 AND seq <> $1",
        "SELECT min(job) FROM job_after JOIN job ON job.seq = job_after.job AND job.gate = 2",
        "SELECT min(seq) FROM job INDEXED BY job_hold WHERE state = 0 AND gate = 3",
        "SELECT min(seq) FROM job INDEXED BY job_running WHERE state = 1",
        "SELECT min(seq) FROM job INDEXED BY job_failed WHERE state = 3 AND reason <= 4",
    ];

    /// <summary>The counts without housekeeping that waits for its time: it is neither work that waits nor old.</summary>
    public static QueueCounts CountOthers(IRead read)
    {
        var all = JobReads.Count(read);
        return read.QueryFirst(Place, row => row.Int64OrNull(0), JobName) is not { } own ? all : all with
        {
            Scheduled = all.Scheduled - 1,
            NextDue = Time(read.QueryFirst(NextDue, row => row.Int64OrNull(0), own)),
            OldestOpen = Time(read.QueryFirst("SELECT created_at FROM job WHERE seq = $1", row => row.Int64OrNull(0), First(read, own))),
        };
    }

    private static long? First(IRead read, long own) =>
        _first.Min(part => read.QueryFirst(part, row => row.Int64OrNull(0), part.Contains("$1", StringComparison.Ordinal) ? [own] : []));

    private static DateTimeOffset? Time(long? ms) => ms is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
