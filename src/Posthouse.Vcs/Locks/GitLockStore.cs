using System.Runtime.CompilerServices;
using Posthouse.Jobs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// Registers on a Git remote under the prefix that it takes: refs of our own, or branches where it refuses those. Which it is shows
/// at the first write, or by what others wrote, and is remembered, for all clones must look at the same place.
/// </summary>
/// <param name="git">Git.</param>
/// <param name="project">The clone.</param>
/// <param name="journal">What was built before it left.</param>
/// <param name="prefixes">What is known of remotes.</param>
/// <param name="ids">Randomness, for a probe's name.</param>
internal sealed class GitLockStore(IGit git, Project project, ILockJournal journal, ILockPrefixes prefixes, IIds ids) : ILockStore
{
    private readonly GitRefLockStore _own = new(git, project, journal);
    private readonly GitRefLockStore _branches = new(git, project, journal, LockProtocol.FallbackRefPrefix);
    private readonly string _address = RemoteAddress.Shown(project.PushUrl);
    private GitRefLockStore? _known;

    /// <inheritdoc/>
    public LockCapabilities Capabilities => _own.Capabilities;

    /// <inheritdoc/>
    public async ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (await KnownAsync() is { } known)
            return await known.ReadAsync(key, cancellationToken);
        var own = await _own.ReadAsync(key, cancellationToken);
        if (own.Version != VersionToken.Absent)
            return await SettledAsync(LockProtocol.RefPrefix, own);
        var branch = await _branches.ReadAsync(key, cancellationToken);
        return branch.Version == VersionToken.Absent ? own : await SettledAsync(LockProtocol.FallbackRefPrefix, branch);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LockSnapshot> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var known = await KnownAsync();
        var found = 0;
        await foreach (var snapshot in (known ?? _own).ListAsync(cancellationToken))
        {
            found++;
            yield return snapshot;
        }

        if (known is not null || found > 0)
            yield break;
        await foreach (var snapshot in _branches.ListAsync(cancellationToken))
            yield return found++ == 0 ? await SettledAsync(LockProtocol.FallbackRefPrefix, snapshot) : snapshot;
    }

    /// <inheritdoc/>
    public async ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken)
    {
        if (await KnownAsync() is null && expected != VersionToken.Absent)
            await ReadAsync(key, cancellationToken); // What is there to be replaced lies under the prefix that is taken.
        if (await KnownAsync() is { } known)
            return await known.CompareAndSwapAsync(key, expected, next, cancellationToken);
        var outcome = await _own.CompareAndSwapAsync(key, expected, next, cancellationToken);
        if (outcome is CasOutcome.Won)
            return await SettledAsync(LockProtocol.RefPrefix, outcome);
        // One ref may be refused for its own sake, by a rule about this very lock: only a trial tells.
        if (outcome is not CasOutcome.Refused { Failure.Category: FailureCategory.Forbidden } || await ProbedAsync(cancellationToken) is not { } prefix)
            return outcome;
        outcome = await SettledAsync(prefix, outcome);
        return prefix == LockProtocol.RefPrefix ? outcome : await _branches.CompareAndSwapAsync(key, expected, next, cancellationToken);
    }

    /// <summary>See <see cref="GitRefLockStore.BuildGuardAsync"/>.</summary>
    public async Task<PushGuard> BuildGuardAsync(LockSnapshot held, LockRecord renewal, CancellationToken cancellationToken) =>
        await (await KnownAsync() ?? _own).BuildGuardAsync(held, renewal, cancellationToken);

    private async ValueTask<GitRefLockStore?> KnownAsync() => _known ??= await prefixes.FindAsync(_address) switch
    {
        LockProtocol.RefPrefix => _own,
        LockProtocol.FallbackRefPrefix => _branches,
        _ => null,
    };

    private async ValueTask<T> SettledAsync<T>(string prefix, T found)
    {
        await prefixes.KeepAsync(_address, prefix);
        _known = prefix == LockProtocol.RefPrefix ? _own : _branches;
        return found;
    }

    private async Task<string?> ProbedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await new RemoteProbe(git, project, ids).RunAsync(cancellationToken)).LockPrefix;
        }
        catch (VcsException)
        {
            return null; // The refusal says more than a trial that failed.
        }
    }
}
