namespace Posthouse.Tests.Simulation;

/// <summary>Files of runs: in memory where the system has a place for that, since a simulated run never loses power.</summary>
internal static class SimFiles
{
    private const string InMemory = "/dev/shm";

    private static readonly string Folder =
        Directory.CreateDirectory(Path.Combine(Directory.Exists(InMemory) ? InMemory : Path.GetTempPath(), $"posthouse-sim-{Environment.ProcessId}")).FullName;

    private static int _count;

    static SimFiles() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);

    /// <summary>A path at which nothing stands.</summary>
    public static string Fresh() => Path.Combine(Folder, $"{Interlocked.Increment(ref _count)}.db");

    /// <summary>A new file with the content of another, which nobody has open.</summary>
    public static string CopyOf(string path)
    {
        var copy = Fresh();
        File.Copy(path, copy);
        return copy;
    }

    /// <summary>Removes a database with its log and its lock files.</summary>
    public static void Delete(string path)
    {
        foreach (var file in Directory.EnumerateFiles(Folder, Path.GetFileName(path) + "*"))
            File.Delete(file);
    }
}
