namespace Posthouse.Tests.Storage;

/// <summary>A folder of one test, gone when the test ends.</summary>
internal sealed class TempFolder : IDisposable
{
    private TempFolder(string path) => Path = path;

    public TempFolder()
        : this(Directory.CreateTempSubdirectory("posthouse-").FullName)
    {
    }

    public string Path { get; }

    /// <summary>A folder in memory where the system has one: for tests of what is stored, not of whether it survives the power.</summary>
    public static TempFolder InMemory() => Directory.Exists("/dev/shm")
        ? new TempFolder(Directory.CreateDirectory(System.IO.Path.Combine("/dev/shm", "posthouse-" + System.IO.Path.GetRandomFileName())).FullName)
        : new TempFolder();

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
