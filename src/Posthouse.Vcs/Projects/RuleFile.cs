using System.Text;

namespace Posthouse.Vcs.Projects;

/// <summary>A file of rules, one a line, to which rules are added. What stands there is never changed.</summary>
internal static class RuleFile
{
    /// <summary>The rules that a file does not have yet. A rule is known by its pattern: what somebody set for it stands.</summary>
    /// <param name="text">The file's text; empty where there is none.</param>
    /// <param name="rules">The rules.</param>
    public static IReadOnlyList<string> Missing(string text, IEnumerable<string> rules)
    {
        var known = text.Split('\n').Select(Pattern).ToHashSet(StringComparer.Ordinal);
        return [.. rules.Where(rule => known.Add(Pattern(rule)))];
    }

    /// <summary>What is put behind a file's text.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="title">A line that says whose rules they are.</param>
    /// <param name="rules">The rules.</param>
    public static string Addition(string text, string title, IReadOnlyList<string> rules)
    {
        var line = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var addition = new StringBuilder();
        if (text.Length > 0)
            addition.Append(text.EndsWith('\n') ? line : line + line);
        addition.Append("# ").Append(title).Append(line);
        foreach (var rule in rules)
            addition.Append(rule).Append(line);
        return addition.ToString();
    }

    /// <summary>The pattern of a rule: of attributes the first word, and a pattern in either file with or without its last slash.</summary>
    private static string Pattern(string rule)
    {
        var text = rule.Trim();
        if (text.StartsWith('#'))
            return "";
        foreach (var attributes in (ReadOnlySpan<string>)[" binary", " filter=", " -text", " text", " -diff", " diff", " -merge", " merge", " lockable", " -lockable"])
        {
            if (text.IndexOf(attributes, StringComparison.Ordinal) is >= 0 and var at)
                text = text[..at];
        }

        return text.Trim().TrimEnd('/').TrimStart('/');
    }
}
