using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.Cli.Hosting;

/// <summary>What a server has to do for itself, later: nothing that a person sent, and nothing to decide about.</summary>
internal static class Housekeeping
{
    /// <summary>The stored name of the job that ends quotes and removes contents when their time has come.</summary>
    public const string JobName = "ivxp.sweep";

    /// <summary>The counts without housekeeping that waits for its time.</summary>
    public static QueueCounts CountOthers(IRead read)
    {
        var all = JobReads.Count(read);
        var own = Foremost.Scheduled(read, JobName);
        return own == 0 ? all : all with
        {
            Scheduled = all.Scheduled - own,
            NextDue = read.QueryFirst("SELECT min(run_at) FROM job INDEXED BY job_time WHERE state = 0 AND gate = 1 AND name <> $1", row => row.Int64OrNull(0), JobName) is { } due
                ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null,
        };
    }
}
