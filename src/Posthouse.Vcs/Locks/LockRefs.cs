using System.Text;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// The registers' refs on the remote: where they point, their commits brought here, and one of them changed. Always at the address
/// that is pushed to, for another may be a mirror that lags. Nothing of the clone but its objects changes: no ref, no
/// FETCH_HEAD, no clean-up in the background.
/// </summary>
internal sealed class LockRefs(IGit git, Project project, string prefix)
{
    /// <summary>The ref of a register.</summary>
    public string Of(ResourceKey key) => prefix + key.Hex;

    /// <summary>The key's digits in a ref of ours; null where it is none.</summary>
    public string? HexOf(string name) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && name[prefix.Length..] is { Length: 40 } hex && hex.All(char.IsAsciiHexDigitLower) ? hex : null;

    /// <summary>Where one ref points, or where all of them do.</summary>
    /// <param name="name">The ref; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VcsException">The remote could not be asked.</exception>
    public async Task<LockTips> AskAsync(string? name, CancellationToken cancellationToken)
    {
        var call = new GitCall(project.Root, "ls-remote", "--refs", "--", project.PushUrl, name ?? prefix + "*") { Talks = true };
        var result = await RunAsync(call, cancellationToken);
        var tips = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('\t') is [var commit, var found] && HexOf(found) is not null && (name is null || name == found))
                tips[found] = commit;
        }

        return new LockTips(tips, result.ServerTime);
    }

    /// <summary>Brings the commits of some refs here.</summary>
    /// <returns>Whether they came; not, where one of the refs moved or went away in the meantime.</returns>
    /// <exception cref="VcsException">The remote could not be asked.</exception>
    public async Task<bool> FetchAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        // Nothing of the clone's history is in these commits, so there is nothing to haggle about: one exchange instead of several.
        var call = new GitCall(project.Root,
            "-c", "fetch.negotiationAlgorithm=noop", "-c", "fetch.writeCommitGraph=false",
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", "--no-prune", "--stdin", "--", project.PushUrl)
        {
            Talks = true,
            Input = Encoding.UTF8.GetBytes(string.Concat(names.Select(name => name + "\n"))),
        };
        var result = await git.RunAsync(call, cancellationToken);
        if (result.ExitCode == 0)
            return true;
        var failure = GitFailures.Judge(result);
        return failure.Category is FailureCategory.ClientBug or FailureCategory.Contention ? false : throw new VcsException(failure);
    }

    /// <summary>Moves a ref to a commit that is here, or for an empty one takes it away, if it still points where it is expected to. Decides nothing about the answer.</summary>
    /// <remarks>No hook of the person's runs and nothing of theirs goes along: a lock is not their data.</remarks>
    public Task<GitResult> PushAsync(string name, VersionToken expected, string commit, CancellationToken cancellationToken) => git.RunAsync(
        new GitCall(project.Root,
            "-c", "push.negotiate=false", "-c", "push.pushOption=",
            "push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no",
            $"--force-with-lease={name}:{expected.Value}", "--", project.PushUrl, $"{commit}:{name}")
        {
            Talks = true,
        },
        cancellationToken);

    private async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(call, cancellationToken);
        return result.ExitCode == 0 ? result : throw new VcsException(GitFailures.Judge(result));
    }
}

/// <summary>Where refs of locks point.</summary>
/// <param name="Commits">A commit for each ref.</param>
/// <param name="ServerTime">The far side's time, where it told it.</param>
internal sealed record LockTips(IReadOnlyDictionary<string, string> Commits, DateTimeOffset? ServerTime);
