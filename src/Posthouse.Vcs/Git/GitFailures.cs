using System.Globalization;
using System.IO.Enumeration;

namespace Posthouse.Vcs.Git;

/// <summary>
/// Judges why a run of Git failed: first by what is structured (time limit, porcelain status, HTTP status), last by whole lines of
/// text that are anchored at both ends. A number or a word in the middle of a name or hash never decides.
/// </summary>
internal static class GitFailures
{
    /// <summary>Longest line that is shown to people.</summary>
    private const int MaxMessage = 300;

    /// <summary>Judges a run whose exit code was not 0.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="refs">What a push said about its refs; empty for other runs.</param>
    /// <param name="writes">Whether the far side may have changed: then a lost answer is Ambiguous, where a read's is Network.</param>
    public static RemoteFailure Judge(GitResult result, IReadOnlyCollection<PushedRef>? refs = null, bool writes = false)
    {
        var lines = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var failure = OfTime(result, writes)
            ?? OfRefs(refs ?? [], lines)
            ?? OfStatus(result.StatusCode, result.RetryAfter, lines)
            ?? OfText(lines, writes)
            ?? new RemoteFailure(writes ? FailureCategory.Ambiguous : FailureCategory.Unknown, Shown(lines.LastOrDefault(IsTelling) ?? ExitText(result)));
        if (result.IsFolderAway && failure.Category == FailureCategory.NotFound)
            failure = new RemoteFailure(FailureCategory.Network, "The remote's folder is not there now.") { Hint = "If it is on a share or a disk, connect that." };
        return failure with { Message = Secrets.Strip(failure.Message), RetryAfter = result.RetryAfter ?? failure.RetryAfter, StatusCode = result.StatusCode ?? failure.StatusCode };
    }

    private static RemoteFailure? OfTime(GitResult result, bool writes) => !result.TimedOut
        ? null
        : new RemoteFailure(writes ? FailureCategory.Ambiguous : FailureCategory.Network, "The remote did not answer in time.");

    private static RemoteFailure? OfRefs(IReadOnlyCollection<PushedRef> refs, string[] lines)
    {
        var refused = refs.Where(one => !one.IsDone).ToList();
        foreach (var row in GitFailureTable.Reasons)
        {
            var match = refused.Find(one => Matches(row.Pattern, $"{one.Summary} ({one.Reason})"));
            if (match is null)
                continue;
            // The pack itself was refused, or by a hook: the far side's own words tell more than the ref's.
            if (row.LooksAtText && OfText(lines, writes: false) is { } told)
                return told;
            var said = lines.FirstOrDefault(line => line.StartsWith("remote: ", StringComparison.Ordinal) && line.Length > "remote: ".Length);
            var message = $"The remote refused {match.Ref}: {match.Reason ?? match.Summary}.";
            return Made(row, said is null ? message : $"{message}\n{Shown(said)}");
        }

        return null;
    }

    private static RemoteFailure? OfStatus(int? status, TimeSpan? retryAfter, string[] lines)
    {
        if ((status ?? StatusIn(lines)) is not { } code)
            return null;
        var isLimit = code == 429 || (code == 403 && (retryAfter is not null || lines.Any(line => Matches("remote: *rate limit*", line))));
        var row = isLimit ? GitFailureTable.RateLimited : GitFailureTable.Statuses.First(one => code >= one.From && code <= one.To);
        return new RemoteFailure(row.Category, string.Create(CultureInfo.InvariantCulture, $"The remote answered {code}: {row.Meaning}.")) { Hint = row.Hint, StatusCode = code };
    }

    /// <summary>The status in Git's own two sentences about it, where no trace was there.</summary>
    private static int? StatusIn(string[] lines)
    {
        foreach (var line in lines)
        {
            var isGits = Matches("fatal: unable to access '*': The requested URL returned error: ???", line) || Matches("error: RPC failed; HTTP ??? curl 22 The requested URL returned error: ???", line);
            if (isGits && int.TryParse(line.AsSpan(line.Length - 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status >= 400)
                return status;
        }

        return null;
    }

    private static RemoteFailure? OfText(string[] lines, bool writes)
    {
        foreach (var row in GitFailureTable.Texts)
        {
            if (Array.Find(lines, line => Matches(row.Pattern, line)) is { } found)
                return Made(writes ? row with { Category = row.WhenWriting ?? row.Category } : row, Shown(found));
        }

        return null;
    }

    private static RemoteFailure Made(TextRow row, string message)
    {
        var failure = new RemoteFailure(row.Category, message) { Hint = row.Hint };
        return row.Code is null ? failure : failure with { Code = row.Code };
    }

    private static bool Matches(string pattern, string line) => FileSystemName.MatchesSimpleExpression(pattern, line, ignoreCase: true);

    private static bool IsTelling(string line) =>
        !line.StartsWith("hint: ", StringComparison.Ordinal) && !line.StartsWith("To ", StringComparison.Ordinal) && line != "Everything up-to-date";

    private static string ExitText(GitResult result) => string.Create(CultureInfo.InvariantCulture, $"Git ended with code {result.ExitCode} and said nothing.");

    private static string Shown(string line)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["fatal: ", "error: "])
        {
            if (line.StartsWith(prefix, StringComparison.Ordinal))
                line = line[prefix.Length..];
        }

        return line.Length <= MaxMessage ? line : line[..MaxMessage] + "…";
    }
}
