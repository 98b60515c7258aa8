using Posthouse.Generator.Model;

namespace Posthouse.Generator.Writing;

/// <summary>
/// Writes the accepted shapes. A generator may not write files, so the text travels as a comment in a generated source, from
/// which the target AcceptJobShapes takes it.
/// </summary>
internal static class BaselineWriter
{
    /// <summary>The shapes of this build, and those accepted earlier that no longer stand in the source: their rows may still wait.</summary>
    public static string Write(IEnumerable<JobModel> jobs, Baseline? standing)
    {
        var present = jobs.SelectMany(j => j.Shapes.Select(s => new AcceptedShape(j.Name, s.Version, s.Hash))).ToList();
        var kept = (standing?.Shapes ?? default).Where(old => !present.Any(p => p.Name == old.Name && p.Version == old.Version));
        var lines = present.Concat(kept).OrderBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Version)
            .Select(s => $"    {{ \"name\": \"{s.Name}\", \"version\": {s.Version}, \"shape\": \"{s.Hash}\" }}");
        return "{\n  \"jobs\": [\n" + string.Join(",\n", lines) + "\n  ]\n}\n";
    }

    public static string AsComment(string json) => "/*\n" + json + "*/\n";
}
