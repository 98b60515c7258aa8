using Microsoft.Win32.SafeHandles;

namespace Posthouse.Storage;

/// <summary>
/// The lock of a file, which one holder has at a time, in this process or another. The system takes it back when the process ends, however
/// it ends.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private FileLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock, or answers null where somebody has it.</summary>
    /// <param name="path">The file; made where it is missing, and never removed but by who has the lock.</param>
    /// <exception cref="IOException">The file cannot be made or opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not open it.</exception>
    public static FileLock? TryTake(string path)
    {
        var file = Durable.OpenLockFile(path);
        if (Durable.TryLock(file))
            return new FileLock(file);
        file.Dispose();
        return null;
    }

    /// <summary>
    /// Lets go. In words, not only by closing the file: a program that is being started at this moment shares the open file until it runs,
    /// and would keep the lock so long.
    /// </summary>
    public void Dispose()
    {
        if (_file.IsClosed)
            return;
        Durable.Unlock(_file);
        _file.Dispose();
    }
}
