using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>Asks the far side what its refs hold. Always at the address that is pushed to: another one may be a mirror that lags.</summary>
internal sealed class RemoteRefs(IGit git, Project project)
{
    /// <summary>Where all of this product's refs lie on a remote. Ordinary clones fetch nothing from there.</summary>
    public const string Namespace = "refs/posthouse/";

    /// <summary>What a push of ours, that is not the person's data, must not do: run hooks, take tags along, sign, look into submodules.</summary>
    public static IReadOnlyList<string> Quietly { get; } = ["--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no"];

    /// <summary>The refs that match, by full name.</summary>
    /// <exception cref="VcsException">They could not be read.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ListAsync(IReadOnlyList<string> patterns, CancellationToken cancellationToken)
    {
        var call = new GitCall(project.Root, ["ls-remote", "--refs", "--", project.PushUrl, .. patterns]) { Talks = true };
        var result = await git.RunAsync(call, cancellationToken);
        if (result.ExitCode != 0)
            throw new VcsException(GitFailures.Judge(result));
        var refs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('\t') is [var id, var name])
                refs[name] = id;
        }

        return refs;
    }

    /// <summary>One ref, or null where there is none.</summary>
    /// <exception cref="VcsException">It could not be read.</exception>
    public async Task<string?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await ListAsync([name], cancellationToken)).GetValueOrDefault(name);

    /// <summary>The branch that the far side's HEAD names, where it is there, and whether any branch is. An old server tells the commit alone.</summary>
    /// <exception cref="VcsException">They could not be read.</exception>
    public async Task<(string? Name, string? Commit, bool HasBranches)> DefaultAsync(CancellationToken cancellationToken)
    {
        const string all = "refs/heads/";
        var call = new GitCall(project.Root, "ls-remote", "--symref", "--", project.PushUrl, "HEAD", all + "*") { Talks = true };
        var result = await git.RunAsync(call, cancellationToken);
        if (result.ExitCode != 0)
            throw new VcsException(GitFailures.Judge(result));
        string? name = null, commit = null;
        var hasBranches = false;
        foreach (var line in result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('\t') is not [var value, var of])
                continue;
            if (of == "HEAD")
                (name, commit) = value.StartsWith("ref: " + all, StringComparison.Ordinal) ? (value["ref: ".Length..][all.Length..], commit) : (name, value);
            else
                hasBranches |= !of.StartsWith(LockProtocol.FallbackRefPrefix, StringComparison.Ordinal);
        }

        return (name, commit, hasBranches);
    }

    /// <summary>Whether a ref has a commit: as its last, or below what somebody pushed right after, which is fetched if it is not here.</summary>
    /// <exception cref="VcsException">It could not be read.</exception>
    public async Task<bool> HasAsync(string name, string commit, CancellationToken cancellationToken)
    {
        var tip = await FindAsync(name, cancellationToken);
        if (tip is null || tip == commit)
            return tip is not null;
        var follows = new GitCall(project.Root, "merge-base", "--is-ancestor", commit, tip);
        if ((await git.RunAsync(follows, cancellationToken)).ExitCode is var known and (0 or 1))
            return known == 0;
        var fetch = new GitCall(project.Root, "fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", "--", project.PushUrl, name)
        {
            Talks = true,
            Timeout = null,
        };
        var fetched = await git.RunAsync(fetch, cancellationToken);
        return fetched.ExitCode == 0 ? (await git.RunAsync(follows, cancellationToken)).ExitCode == 0 : throw new VcsException(GitFailures.Judge(fetched));
    }
}
