using Posthouse.Cli.Backups;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>One server for each data folder; the system gives the lock back when the process ends, however it ends.</summary>
internal sealed class ServeLock : IDisposable
{
    /// <summary>The lock's file in the folder.</summary>
    public const string FileName = "serve.lock";

    private readonly FileLock _lock;

    private ServeLock(FileLock held) => _lock = held;

    /// <summary>Makes the folder if needed, and takes it.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="isRestored">Whether a station is being put into it; otherwise one that was not put there to its end is refused.</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: it cannot be made or written, or a restore did not end. STORE_BUSY: another server has it.</exception>
    public static ServeLock Take(string folder, bool isRestored = false)
    {
        FileLock? held;
        try
        {
            Durable.CreatePrivateDirectory(folder);
            held = FileLock.TryTake(Path.Combine(folder, FileName));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable,
                $"The data folder {folder} cannot be used ({error.Message}). Make sure that this user may write it, or name another with --data DIR.", error);
        }

        if (held is not null)
        {
            if (isRestored || !File.Exists(Path.Combine(folder, StationRestore.Unfinished))) { return new ServeLock(held); }

            held.Dispose();
            throw new PosthouseException(ErrorCodes.StoreUnavailable,
                $"{folder} holds a part of a backup: 'posthouse restore' did not end there. Empty the folder and restore again.");
        }

        var who = RunningServer.Find(folder) is { } server ? $"process {server.ProcessId} at {server.Url}" : "another process";
        throw new PosthouseException(ErrorCodes.StoreBusy, $"The data folder {folder} is served already, by {who}. Stop that one, or name another folder with --data DIR.");
    }

    public void Dispose() => _lock.Dispose();
}
