using System.IO.MemoryMappedFiles;

namespace Posthouse.Coverage;

/// <summary>
/// One byte for each statement, in a file that every process of a test program maps: what a killed process had marked
/// stays marked.
/// </summary>
public static unsafe class Hits
{
    public const string FileName = "coverage.hits";

    private static readonly byte* _hits = Map();

    /// <summary>Called by instrumented code, before each statement.</summary>
    public static void Mark(int statement) => _hits[statement] = 1;

    private static byte* Map()
    {
        var file = MemoryMappedFile.CreateFromFile(Path.Combine(AppContext.BaseDirectory, FileName), FileMode.Open);
        byte* pointer = null;
        file.CreateViewAccessor().SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        return pointer;
    }
}
