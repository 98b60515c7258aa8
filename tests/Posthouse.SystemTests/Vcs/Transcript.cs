using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Posthouse.SystemTests.Vcs;

/// <summary>
/// What a terminal showed, with everything that differs from run to run put into one form: ids by the order in which they appear,
/// instants to the hour counted from ten o'clock, folders without the place of the test.
/// </summary>
internal sealed partial class Transcript(Stage stage)
{
    private const string FixedJobNumber = "1770285600000000";

    private static readonly DateTimeOffset _begin = new(2026, 2, 5, 10, 0, 0, TimeSpan.Zero);

    private readonly DateTimeOffset _began = DateTimeOffset.UtcNow;
    private readonly List<(string Seen, string Shown)> _ids = [];
    private readonly StringBuilder _text = new();

    /// <summary>All so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Has somebody type a line, and keeps what came of it.</summary>
    /// <param name="who">The person.</param>
    /// <param name="line">The line.</param>
    /// <param name="exit">The exit code that it must end with.</param>
    public async Task TypeAsync(Person who, string line, int exit = 0)
    {
        var folder = who.Folder;
        var (ended, output) = await who.RunAsync(line);
        Add(who, folder, line, output);
        ended.ShouldBe(exit, Text);
    }

    /// <summary>Keeps a line and what came of it.</summary>
    public void Add(Person who, string folder, string line, string output)
    {
        if (_text.Length > 0) { _text.Append('\n'); }
        _text.Append(CultureInfo.InvariantCulture, $"{who.Name}@{who.Host}:{folder.Replace(who.Home, "~", StringComparison.Ordinal)}$ {line.Replace(stage.Root, "", StringComparison.Ordinal)}\n");
        foreach (var one in Boxed(Shown(output).Split('\n'))) { _text.Append(one.TrimEnd()).Append('\n'); }
        while (_text.Length > 1 && _text[^1] == '\n' && _text[^2] == '\n') { _text.Length--; }
    }

    /// <summary>Compares with what was approved; POSTHOUSE_APPROVE=1 approves.</summary>
    public void ShouldBeApproved(string name)
    {
        var path = Path.Combine(Source, "tests", "Posthouse.SystemTests", "Vcs", "Approved", name + ".txt");
        if (IsApproving) { File.WriteAllText(path, Text); }
        Text.ShouldBe(File.ReadAllText(path));
    }

    public static bool IsApproving => Environment.GetEnvironmentVariable("POSTHOUSE_APPROVE") == "1";

    /// <summary>The repository's root.</summary>
    public static string Source
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Posthouse.slnx"))) { folder = folder.Parent!; }
            return folder.FullName;
        }
    }

    private string Shown(string text)
    {
        foreach (var person in stage.Cast)
        {
            text = text.Replace($"{person.Name}@{Environment.MachineName}", $"{person.Name}@{person.Host}", StringComparison.Ordinal);
            text = text.Replace(person.Home, "~", StringComparison.Ordinal);
        }

        text = text.Replace(stage.Root, "", StringComparison.Ordinal);
        text = Instant().Replace(text, match => Hour(DateTimeOffset.Parse(match.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)));
        text = JobNumber().Replace(text, FixedJobNumber + "-");
        text = Next().Replace(text, "Next attempt: in 5s");
        text = Id().Replace(text, match => Named(match.Value));
        text = Ago().Replace(text, "1s ago");
        text = Almost().Replace(text, match => $"{int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)}h 59m");
        text = Delay().Replace(text, "Retrying in 1.0s");
        return Lasted().Replace(text, "attempt(s) in 1.0s");
    }

    private string Hour(DateTimeOffset time) =>
        (_begin + TimeSpan.FromHours(Math.Round((time - _began).TotalHours))).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The n-th id becomes the n-th of a fixed series; a shortened id becomes the same one shortened.</summary>
    private string Named(string id)
    {
        // An id may have digits alone; so has a job's number, which is fixed already.
        if (id == FixedJobNumber) { return id; }

        var known = _ids.FindIndex(one => one.Seen.StartsWith(id, StringComparison.Ordinal) || id.StartsWith(one.Seen, StringComparison.Ordinal));
        if (known >= 0)
        {
            if (_ids[known].Seen.Length < id.Length) { _ids[known] = (id, _ids[known].Shown); }
            return _ids[known].Shown[..id.Length];
        }

        var shown = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_ids.Count.ToString(CultureInfo.InvariantCulture))));
        _ids.Add((id, shown));
        return shown[..id.Length];
    }

    /// <summary>Boxes whose content changed its length are closed again at their right side.</summary>
    private static IEnumerable<string> Boxed(string[] lines)
    {
        var width = 0;
        foreach (var line in lines)
        {
            if (line.StartsWith('┌')) { width = line.Trim().Length; }
            yield return line.StartsWith('│') ? line.TrimEnd().TrimEnd('│').TrimEnd().PadRight(width - 1) + "│" : line;
        }
    }

    [GeneratedRegex(@"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z)")]
    private static partial Regex Instant();

    [GeneratedRegex(@"(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])")]
    private static partial Regex Id();

    [GeneratedRegex(@"\b\d{16}-")]
    private static partial Regex JobNumber();

    [GeneratedRegex(@"Next attempt: (in \d+s|now)")]
    private static partial Regex Next();

    [GeneratedRegex(@"\b(\d+s ago|now)\b(?!:)")]
    private static partial Regex Ago();

    [GeneratedRegex(@"\b(\d+)h 5\dm\b")]
    private static partial Regex Almost();

    [GeneratedRegex(@"Retrying in [\d.]+s")]
    private static partial Regex Delay();

    [GeneratedRegex(@"attempt\(s\) in [\d.]+s")]
    private static partial Regex Lasted();
}
