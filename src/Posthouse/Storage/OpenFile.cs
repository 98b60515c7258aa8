using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Posthouse.Storage;

/// <summary>
/// A process's part in a database that several have open: a shared lock on the file <c>-open</c> beside it, from before the
/// database is opened until after it is closed. It tells whether a damaged file may be moved away: who has it open would go on
/// writing into what was moved. Taken and asked only by who has the turn at the <see cref="WriterGate"/>.
/// </summary>
internal sealed class OpenFile : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _lock;

    private OpenFile(string path, SafeFileHandle held) => (_path, _lock) = (path, held);

    /// <summary>Enters this process.</summary>
    /// <param name="databasePath">The database in its one spelling (<see cref="Durable.Canonical"/>).</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: the lock file cannot be made.</exception>
    public static OpenFile Enter(string databasePath)
    {
        SafeFileHandle? held = null;
        try
        {
            held = Durable.OpenLockFile(databasePath + "-open");
            return Durable.TryLockShared(held) ? new OpenFile(databasePath, held) : throw new IOException("it is locked by a foreign program");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new PosthouseException(ErrorCodes.StoreUnavailable,
                $"The lock file {databasePath}-open cannot be used ({e.Message}). Make sure that this user may write the folder.", e);
        }
    }

    /// <summary>Returns when nobody else has the database open. The turn at the gate keeps others from opening it meanwhile.</summary>
    /// <param name="damage">What was found; it goes into the message.</param>
    /// <exception cref="PosthouseException">STORE_CORRUPT: somebody has; the message names those that dispatch.</exception>
    public void DemandAlone(PosthouseException damage)
    {
        if (!IsAlone())
        {
            throw new PosthouseException(ErrorCodes.StoreCorrupt,
                $"{damage.Message} It was not put aside, because {Others()} it open and would go on writing into the moved file. "
                + "Stop them all, then start again: the first to open it puts it aside.", damage);
        }
    }

    /// <summary>Whether nobody else has the database open for writing. The turn at the gate keeps others from opening it meanwhile.</summary>
    public bool IsAlone()
    {
        // Given back first: Windows knows no step from a shared to an exclusive lock.
        Durable.Unlock(_lock);
        var alone = Durable.TryLock(_lock);
        if (alone)
        {
            Durable.Unlock(_lock);
        }

        return Durable.TryLockShared(_lock) && alone;
    }

    /// <summary>Leaves. In words, as <see cref="FileLock.Dispose"/> does.</summary>
    public void Dispose()
    {
        Durable.Unlock(_lock);
        _lock.Dispose();
    }

    private string Others()
    {
        var pids = InstanceLock.Holders(_path);
        return pids.Count switch
        {
            0 => "another process has",
            1 => $"process {pids[0].ToString(CultureInfo.InvariantCulture)} has",
            _ => $"processes {string.Join(", ", pids)} have",
        };
    }
}
