using Microsoft.Extensions.Logging;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Diagnostics;

/// <summary>What a store tells of itself: its opening, its commits, and what went wrong on the way.</summary>
internal sealed class StoreWatch(ILogger logger, PosthouseMetrics metrics, TimeProvider time)
{
    /// <summary>A group that ran longer is named: meanwhile every other writer waited.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);

    /// <summary>The first groups of a process also load and compile the code that they run, which says nothing about that code.</summary>
    private const int WarmUp = 16;

    private int _groups;

    public void Opened(string path) => logger.StoreOpened(path, SqliteLibrary.Version, SqliteLibrary.Source);

    /// <summary>A store on a server is open.</summary>
    /// <param name="place">Server and schema.</param>
    /// <param name="version">The server's.</param>
    /// <param name="flushes">Whether it waits for its disk.</param>
    public void Opened(string place, string version, bool flushes)
    {
        logger.StoreServerOpened(place, version);
        if (!flushes)
        {
            logger.StoreServerForgets(place);
        }
    }

    public void Quarantined(string path, string reason, string aside) => logger.StoreQuarantined(path, reason, aside);

    /// <summary>The operations of a group have run; the commit follows.</summary>
    public void Ran(long since)
    {
        var took = time.GetElapsedTime(since);
        if (++_groups > WarmUp && took > Slow)
        {
            logger.WriteSlow(took.TotalMilliseconds);
        }
    }

    /// <summary>A group is on disk.</summary>
    public void Committed(int operations, long since)
    {
        if (metrics.CommitEnabled)
        {
            metrics.Committed(operations, time.GetElapsedTime(since));
        }
    }

    /// <summary>A commit whose end was unknown is known now.</summary>
    public void Resolved(bool stored, int operations) => logger.UnknownCommitResolved(stored ? operations : 0, operations);
}
