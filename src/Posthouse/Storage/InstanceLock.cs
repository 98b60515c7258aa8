using System.Globalization;

namespace Posthouse.Storage;

/// <summary>The lock that a dispatching process holds for as long as it lives; the system frees it when the process ends, however it ends.</summary>
internal sealed class InstanceLock : IPresenceSign
{
    private const string Suffix = "-instance-";

    private readonly string _path;
    private readonly FileLock _lock;

    private InstanceLock(string path, FileLock held) => (_path, _lock) = (path, held);

    /// <summary>Takes an instance's lock, or answers null when somebody holds it.</summary>
    public static InstanceLock? TryTake(string databasePath, InstanceId instance)
    {
        var path = databasePath + Suffix + instance.Value;
        try
        {
            return FileLock.TryTake(path) is { } held ? new InstanceLock(path, held) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Whether the process of an instance lives.</summary>
    public static bool IsHeld(string databasePath, InstanceId instance)
    {
        if (!File.Exists(databasePath + Suffix + instance.Value)) { return false; }

        using var free = TryTake(databasePath, instance);
        return free is null;
    }

    /// <summary>The processes that hold an instance's lock of a database, in order of their numbers. A number stands first in an instance's name.</summary>
    public static IReadOnlyList<int> Holders(string databasePath)
    {
        var pids = new SortedSet<int>();
        foreach (var path in Directory.GetFiles(Path.GetDirectoryName(databasePath)!, Path.GetFileName(databasePath) + Suffix + "*"))
        {
            var instance = new InstanceId(path[(path.LastIndexOf(Suffix, StringComparison.Ordinal) + Suffix.Length)..]);
            using var free = TryTake(databasePath, instance);
            if (free is null && int.TryParse(instance.Value.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            {
                pids.Add(pid);
            }
        }

        return [.. pids];
    }

    /// <summary>Lets go and removes the file: the instance will not come back.</summary>
    public void Remove()
    {
        File.Delete(_path);
        Dispose();
    }

    public void Dispose() => _lock.Dispose();
}
