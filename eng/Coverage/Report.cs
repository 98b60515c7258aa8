using System.Globalization;

namespace Posthouse.Coverage;

/// <summary>Adds up the marks of all test programs: a line counts as run when any statement that begins on it ran anywhere.</summary>
internal static class Report
{
    /// <summary>Where the promises are kept, nearly every line has to be run by a test.</summary>
    private static readonly string[] _core = ["Posthouse/Queue", "Posthouse/Dispatch", "Posthouse/Retry"];

    private const double CoreGoal = 0.95;
    private const double TotalGoal = 0.85;

    /// <returns>Whether every goal is met.</returns>
    public static bool Write(IEnumerable<string> copies, TextWriter output)
    {
        var lines = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var copy in copies)
        {
            var hits = File.ReadAllBytes(Path.Combine(copy, Hits.FileName));
            foreach (var (index, line) in File.ReadLines(Path.Combine(copy, Instrument.StatementsFile)).Index())
            {
                lines[line] = lines.GetValueOrDefault(line) || hits[index] != 0;
            }
        }

        var met = true;
        foreach (var room in lines.GroupBy(line => Room(line.Key)).OrderBy(room => room.Key, StringComparer.Ordinal))
        {
            met &= Row(output, room.Key, [.. room.Select(line => line.Value)], _core.Contains(room.Key) ? CoreGoal : 0);
        }

        return Row(output, "all", [.. lines.Values], TotalGoal) && met;
    }

    private static bool Row(TextWriter output, string name, bool[] lines, double goal)
    {
        var run = lines.Count(line => line);
        var share = lines.Length == 0 ? 1 : (double)run / lines.Length;
        var verdict = goal == 0 ? "" : share >= goal ? $"  goal {goal:P0}" : $"  below the goal of {goal:P0}";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"coverage  {name,-32} {share * 100,6:F1} %  {run} of {lines.Length} lines{verdict}"));
        return share >= goal;
    }

    /// <summary>The folder below <c>src</c>.</summary>
    private static string Room(string line)
    {
        var start = line.LastIndexOf("/src/", StringComparison.Ordinal) + "/src/".Length;
        return Path.GetDirectoryName(line[start..])!.Replace('\\', '/');
    }
}
