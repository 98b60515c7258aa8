using Posthouse.Vcs.Git;

namespace Posthouse.Vcs.Transfer;

/// <summary>Judges why a run of Oxen failed. It has one exit code for everything, so its sentences must do; what none of them fits is
/// unknown, and is not tried again by itself.</summary>
internal static class OxenFailures
{
    private const int MaxMessage = 300;

    private static readonly (string Words, FailureCategory Category, string? Hint)[] _rows =
    [
        ("dns error", FailureCategory.Network, null),
        ("error trying to connect", FailureCategory.Network, null),
        ("tcp connect error", FailureCategory.Network, null),
        ("connection closed before message completed", FailureCategory.Ambiguous, null),
        ("error sending request for url", FailureCategory.Network, null),
        ("operation timed out", FailureCategory.Network, null),
        ("must supply valid api key", FailureCategory.Auth, "Give Oxen a token: oxen config --auth HOST TOKEN."),
        ("unauthorized", FailureCategory.Auth, "Give Oxen a token: oxen config --auth HOST TOKEN."),
        ("remote repository not found", FailureCategory.NotFound, "Check it with 'oxen remote -v'."),
        ("remote not set", FailureCategory.NotFound, "Set it with 'oxen config --set-remote NAME ADDRESS'."),
        ("remote is ahead of local", FailureCategory.Diverged, "Run 'posthouse pull' first."),
        ("must pull first", FailureCategory.Diverged, "Run 'posthouse pull' first."),
        ("merge conflict", FailureCategory.Diverged, "'oxen status' shows the files; choose a version with 'oxen checkout --ours' or '--theirs'."),
        ("no space left on device", FailureCategory.Local, "Free some space on this machine's disk."),
        ("no oxen repository", FailureCategory.Local, "Run this inside an Oxen repository."),
    ];

    /// <summary>Judges a run whose exit code was not 0.</summary>
    public static RemoteFailure Judge(OxenResult result)
    {
        var lines = (result.Errors + "\n" + result.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var (words, category, hint) in _rows)
        {
            // A sentence of Oxen's own, not a word inside a path: it begins the line, or follows a colon.
            var line = Array.Find(lines, one => IsSaid(one, words));
            if (line is not null)
                return new RemoteFailure(category, Shown(line)) { Hint = hint };
        }

        return new RemoteFailure(FailureCategory.Unknown, lines.Length == 0 ? $"Oxen ended with code {result.ExitCode} and said nothing." : Shown(lines[0]));
    }

    private static bool IsSaid(string line, string words)
    {
        var at = line.IndexOf(words, StringComparison.OrdinalIgnoreCase);
        return at == 0 || (at > 1 && line[..at].EndsWith(": ", StringComparison.Ordinal));
    }

    private static string Shown(string line) => Secrets.Strip(line.Length <= MaxMessage ? line : line[..MaxMessage] + "…");
}
