using Microsoft.Win32.SafeHandles;

namespace Posthouse.Storage;

/// <summary>The lock that a dispatching process holds for as long as it lives; the system frees it when the process ends, however it ends.</summary>
internal sealed class InstanceLock : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;

    private InstanceLock(string path, SafeFileHandle handle) => (_path, _handle) = (path, handle);

    /// <summary>Takes an instance's lock, or answers null when somebody holds it.</summary>
    public static InstanceLock? TryTake(string databasePath, InstanceId instance)
    {
        var path = $"{databasePath}-instance-{instance.Value}";
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (Durable.TryLock(handle))
            {
                return new InstanceLock(path, handle);
            }

            handle.Dispose();
            return null;
        }
        catch (IOException)
        {
            handle?.Dispose();
            return null;
        }
    }

    /// <summary>Lets go and removes the file: the instance will not come back.</summary>
    public void Remove()
    {
        File.Delete(_path);
        Dispose();
    }

    public void Dispose() => _handle.Dispose();
}
