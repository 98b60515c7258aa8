namespace Posthouse.Storage.Sqlite;

/// <summary>
/// Keeps the last of the disk for ending what was begun: enqueues are refused while little is left, so that the outcomes of
/// jobs that run already can still be written.
/// </summary>
/// <param name="path">The database file.</param>
/// <param name="time">The clock.</param>
/// <param name="freeBytes">How much of the disk under a path is left.</param>
internal sealed class DiskReserve(string path, TimeProvider time, Func<string, long> freeBytes)
{
    /// <summary>16 MiB: a log of four thousand pages, the most that is written before it is folded into the database.</summary>
    public const long Bytes = 16 << 20;

    /// <summary>How long an answer of the system is trusted.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long? _looked;
    private long _free;

    /// <summary>Why nothing more may be admitted now; null when there is room.</summary>
    public PosthouseException? Refusal()
    {
        lock (_lock)
        {
            if (_looked is not { } mark || time.GetElapsedTime(mark) >= LookEvery)
            {
                (_looked, _free) = (time.GetTimestamp(), freeBytes(path));
            }

            return _free >= Bytes ? null : new PosthouseException(ErrorCodes.StoreFull,
                $"The disk of {path} has {_free >> 10} KiB left, and the last {Bytes >> 20} MiB are kept for ending jobs that run. Nothing was stored; free some space and try again.");
        }
    }
}
