using System.Globalization;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>What a process holds, as the kernel says it.</summary>
/// <param name="Memory">Bytes of memory of its own that is in use.</param>
/// <param name="Handles">Open files and connections.</param>
/// <param name="Threads">Threads.</param>
internal readonly record struct ProcessFigures(long Memory, int Handles, int Threads)
{
    /// <summary>Looks at a process.</summary>
    public static ProcessFigures Of(int process)
    {
        var status = File.ReadLines($"/proc/{process}/status")
            .Select(line => line.Split([':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => words.ElementAtOrDefault(1) ?? "");
        return new(
            long.Parse(status["RssAnon"], CultureInfo.InvariantCulture) << 10,
            Directory.GetFiles($"/proc/{process}/fd").Length,
            int.Parse(status["Threads"], CultureInfo.InvariantCulture));
    }
}
