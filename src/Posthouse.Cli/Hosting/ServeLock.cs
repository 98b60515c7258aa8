using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>One server for each data folder; the system gives the lock back when the process ends, however it ends.</summary>
internal sealed class ServeLock : IDisposable
{
    private readonly FileLock _lock;

    private ServeLock(FileLock held) => _lock = held;

    /// <summary>Makes the folder if needed, and takes it.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: it cannot be made or written. STORE_BUSY: another server has it.</exception>
    public static ServeLock Take(string folder)
    {
        FileLock? held;
        try
        {
            Durable.CreatePrivateDirectory(folder);
            held = FileLock.TryTake(Path.Combine(folder, "serve.lock"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable,
                $"The data folder {folder} cannot be used ({error.Message}). Make sure that this user may write it, or name another with --data DIR.", error);
        }

        if (held is not null) { return new ServeLock(held); }

        var who = RunningServer.Find(folder) is { } server ? $"process {server.ProcessId} at {server.Url}" : "another process";
        throw new PosthouseException(ErrorCodes.StoreBusy, $"The data folder {folder} is served already, by {who}. Stop that one, or name another folder with --data DIR.");
    }

    public void Dispose() => _lock.Dispose();
}
