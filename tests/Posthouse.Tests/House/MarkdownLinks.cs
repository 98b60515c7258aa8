using System.Text.RegularExpressions;

namespace Posthouse.Tests.House;

/// <summary>Links inside the repository: the file exists, and the heading does.</summary>
internal static partial class MarkdownLinks
{
    public static IEnumerable<string> Broken(TextFile page, Func<string, string?> read)
    {
        foreach (Match link in Link().Matches(WithoutCode(page.Text)))
        {
            var target = link.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal)) { continue; }

            var parts = target.Split('#', 2);
            var path = parts[0].Length == 0 ? page.Path : Resolve(page.Path, parts[0]);
            if (read(path) is not { } text)
            {
                yield return $"{page.Path} links to {target}, which does not exist";
            }
            else if (parts.Length == 2 && path.EndsWith(".md", StringComparison.Ordinal) && !Anchors(text).Contains(parts[1]))
            {
                yield return $"{page.Path} links to {target}, a heading that does not exist";
            }
        }
    }

    private static string Resolve(string page, string target)
    {
        var folder = Path.GetDirectoryName("/" + page)!;
        return Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(target)), "/").Trim('/');
    }

    private static HashSet<string> Anchors(string text) =>
        [.. Heading().Matches(WithoutCode(text)).Select(heading => NotInAnchor().Replace(heading.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    private static string WithoutCode(string text) => CodeBlock().Replace(text, "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
