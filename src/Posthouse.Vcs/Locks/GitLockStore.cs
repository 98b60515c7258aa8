using System.Runtime.CompilerServices;
using Posthouse.Jobs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// Registers on a Git remote under the prefix that it takes: refs of our own, or branches where it refuses those. All clones must look
/// at the same place, so what others wrote decides, and is remembered; where nobody has written yet, the first write shows it. Two
/// who write first at the same moment at different places both look at the other place afterwards: who sees something there takes
/// its own away and comes back.
/// </summary>
/// <param name="git">Git.</param>
/// <param name="project">The clone.</param>
/// <param name="journal">What was built before it left.</param>
/// <param name="prefixes">What is known of remotes.</param>
/// <param name="ids">Randomness, for a probe's name.</param>
internal sealed class GitLockStore(IGit git, Project project, ILockJournal journal, ILockPrefixes prefixes, IIds ids) : ILockStore
{
    private const string Ask = $"The locks of this remote are kept under {LockProtocol.RefPrefix}: ask its owner to let you write there. Elsewhere nobody would see yours.";

    private readonly GitRefLockStore _own = new(git, project, journal);
    private readonly GitRefLockStore _branches = new(git, project, journal, LockProtocol.FallbackRefPrefix);
    private readonly string _address = RemoteAddress.Shown(project.PushUrl);
    private GitRefLockStore? _known;

    /// <inheritdoc/>
    public LockCapabilities Capabilities => _own.Capabilities;

    /// <inheritdoc/>
    public async ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken) =>
        await (await PlaceAsync(cancellationToken) ?? _own).ReadAsync(key, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LockSnapshot> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (place, isEmpty) = (await PlaceAsync(cancellationToken) ?? _own, true);
        await foreach (var snapshot in place.ListAsync(cancellationToken))
        {
            isEmpty = false;
            yield return snapshot;
        }

        // Registers stay, so an empty place is one that its first writer has left again.
        if (!isEmpty || place != _own || !(await InUseAsync(cancellationToken)).Branches)
            yield break;
        await foreach (var snapshot in (await SettledAsync(_branches)).ListAsync(cancellationToken))
            yield return snapshot;
    }

    /// <inheritdoc/>
    public async ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken)
    {
        var place = await PlaceAsync(cancellationToken);
        var outcome = await (place ?? _own).CompareAndSwapAsync(key, expected, next, cancellationToken);
        if (outcome is not CasOutcome.Refused { Failure.Category: FailureCategory.Forbidden } refused)
            return place is null && outcome is CasOutcome.Won first ? await AloneAsync(_own, key, first, cancellationToken) : outcome;
        if (place is not null)
            return place == _own ? new CasOutcome.Refused(refused.Failure with { Hint = Ask }) : outcome;
        // One ref may be refused for its own sake, by a rule about this very lock: only a trial tells.
        if (await ProbedAsync(cancellationToken) is not LockProtocol.FallbackRefPrefix)
            return outcome;
        if ((await InUseAsync(cancellationToken)).Own)
            return new CasOutcome.Refused(refused.Failure with { Hint = Ask });
        outcome = await _branches.CompareAndSwapAsync(key, expected, next, cancellationToken);
        return outcome is CasOutcome.Won won ? await AloneAsync(_branches, key, won, cancellationToken) : outcome;
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

    /// <summary>Where the remote's locks are; null where nobody has written any.</summary>
    /// <exception cref="VcsException">It could not be asked, or they are at both places.</exception>
    /// <remarks>Who was refused once looks each time whether others are at the better place all the same.</remarks>
    private async ValueTask<GitRefLockStore?> PlaceAsync(CancellationToken cancellationToken) => await KnownAsync() is var known && known == _own ? _own : await InUseAsync(cancellationToken) switch
    {
        (false, false) => known,
        (true, false) => await SettledAsync(_own),
        (false, true) => known ?? await SettledAsync(_branches),
        _ => throw new VcsException(new RemoteFailure(FailureCategory.Contention, $"Locks of this remote are at two places, {LockProtocol.RefPrefix} and {LockProtocol.FallbackRefPrefix}.")
        {
            Hint = "If this lasts, agree on one of them and take the refs at the other away: 'git ls-remote' lists them, 'git push --delete' removes one.",
        }),
    };

    private async Task<(bool Own, bool Branches)> InUseAsync(CancellationToken cancellationToken)
    {
        var refs = await new RemoteRefs(git, project).ListAsync([LockProtocol.RefPrefix + "*", LockProtocol.FallbackRefPrefix + "*"], cancellationToken);
        return (refs.Keys.Any(_own.Holds), refs.Keys.Any(_branches.Holds));
    }

    /// <summary>The first write of all has arrived: it counts where nobody wrote at the other place meanwhile.</summary>
    private async Task<CasOutcome> AloneAsync(GitRefLockStore store, ResourceKey key, CasOutcome.Won won, CancellationToken cancellationToken)
    {
        try
        {
            if (await InUseAsync(cancellationToken) is not (true, true))
            {
                await SettledAsync(store);
                return won;
            }

            await store.WithdrawAsync(key, won.Version, cancellationToken);
            return new CasOutcome.Refused(new RemoteFailure(FailureCategory.Contention, "Another wrote this remote's first lock at the same moment, at another place."));
        }
        catch (VcsException e)
        {
            return new CasOutcome.Unknown(e.Failure);
        }
    }

    private async ValueTask<GitRefLockStore> SettledAsync(GitRefLockStore store)
    {
        await prefixes.KeepAsync(_address, store == _own ? LockProtocol.RefPrefix : LockProtocol.FallbackRefPrefix);
        return _known = store;
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
