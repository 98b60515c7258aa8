using System.Runtime.CompilerServices;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// Registers as refs of a Git remote, one commit for each record, changed by a push that names the commit it replaces: the far side
/// compares and swaps in one transaction. Any host of Git serves, and a branch can be pushed in the same transaction.
/// </summary>
/// <param name="git">Git.</param>
/// <param name="project">The clone; the registers are kept where it pushes to.</param>
/// <param name="journal">What was built before it left.</param>
/// <param name="prefix">Where the refs lie: <see cref="LockProtocol.RefPrefix"/>, or <see cref="LockProtocol.FallbackRefPrefix"/> where that is refused.</param>
internal sealed class GitRefLockStore(IGit git, Project project, ILockJournal journal, string prefix = LockProtocol.RefPrefix) : ILockStore
{
    /// <summary>How often a register that moves while it is read is read again. Each time somebody made a transition within one exchange.</summary>
    private const int MaxReads = 5;

    private readonly LockRefs _refs = new(git, project, prefix);
    private readonly RecordCommits _commits = new(git, project);

    /// <inheritdoc/>
    public LockCapabilities Capabilities { get; } =
        LockCapabilities.AtomicCas | LockCapabilities.Fencing | LockCapabilities.Expiry | LockCapabilities.Paths | LockCapabilities.Renewal
        | (project.PushUrl.StartsWith("http", StringComparison.OrdinalIgnoreCase) ? LockCapabilities.ServerClock : LockCapabilities.None);

    /// <summary>Under the fallback prefix a register is a branch, which many hosts let go forwards only.</summary>
    private bool MayCompact => prefix == LockProtocol.RefPrefix;

    /// <inheritdoc/>
    public async ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        var (commit, record, serverTime) = await ReadRefAsync(_refs.Of(key), cancellationToken);
        return new LockSnapshot(key, new VersionToken(commit), IsOf(record, key.Hex) ? record : null, serverTime);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LockSnapshot> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tips = await _refs.AskAsync(null, cancellationToken);
        var here = await _commits.ReadAsync(tips.Commits.Values, cancellationToken);
        var missing = tips.Commits.Where(tip => !here.ContainsKey(tip.Value)).ToDictionary();
        var fetched = here;
        if (missing.Count > 0 && await _refs.FetchAsync(missing.Keys, cancellationToken))
            fetched = await _commits.ReadAsync(missing.Values, cancellationToken);
        foreach (var (name, commit) in tips.Commits)
        {
            string? seen = commit;
            if (!here.TryGetValue(commit, out var record) && !fetched.TryGetValue(commit, out record))
                (seen, record, _) = await ReadRefAsync(name, cancellationToken); // It moved while it was read.
            if (seen is not null && _refs.HexOf(name) is { } hex)
                yield return SnapshotOf(hex, seen, record, tips.ServerTime);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken)
    {
        var (built, written) = await BuildAsync(key, expected, next, cancellationToken);
        var name = _refs.Of(key);
        var result = await _refs.PushAsync(name, built.Expected, built.Built.Value!, cancellationToken);
        var refs = PushPorcelain.Parse(result.Text);
        // "=" is a success too: the commit holds this operation's id, so nobody else can have put it there.
        if (refs.Any(one => one.Ref == name && one.IsDone))
            return new CasOutcome.Won(built.Built, result.ServerTime, written);
        var failure = GitFailures.Judge(result, refs, writes: true);
        return MustBeLookedUp(failure, result) ? await LookUpAsync(built, written, failure, cancellationToken) : new CasOutcome.Refused(failure);
    }

    /// <summary>Whether a ref of the remote is a register here.</summary>
    public bool Holds(string name) => _refs.HexOf(name) is not null;

    /// <summary>Takes a register that was made a moment ago away again, if it is still as it was made. Where deleting is forbidden it stays.</summary>
    public Task WithdrawAsync(ResourceKey key, VersionToken version, CancellationToken cancellationToken) => _refs.PushAsync(_refs.Of(key), version, "", cancellationToken);

    /// <summary>Writes a renewal into the clone's object store and says how it goes out together with a branch. Sends nothing.</summary>
    /// <param name="held">The register as it was read, held by this clone.</param>
    /// <param name="renewal">The record that follows.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VcsException">Git could not write it.</exception>
    public async Task<PushGuard> BuildGuardAsync(LockSnapshot held, LockRecord renewal, CancellationToken cancellationToken)
    {
        var (built, _) = await BuildAsync(held.Key, held.Version, renewal, cancellationToken);
        return new PushGuard(_refs.Of(held.Key), built.Expected.Value!, built.Built.Value!);
    }

    /// <summary>The commit that an operation sends: the one that it built before, if that may still win, or a new one, which the journal has before it leaves.</summary>
    /// <returns>The commit, and its record where an earlier try of the operation wrote another than <paramref name="next"/>.</returns>
    private async Task<(BuiltRecord Built, LockRecord? Written)> BuildAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken)
    {
        if (await journal.FindAsync(next.OpId) is { Built.Value: { } before } built && built.Key == key && (built.Expected == expected || built.Built == expected))
        {
            // A clean-up of the clone may have swept it, for no ref points at it; then it is made anew.
            var here = await _commits.ReadAsync([before], cancellationToken);
            if (here.TryGetValue(before, out var record) && record is not null)
                return (built, LockRecordJson.Write(record).AsSpan().SequenceEqual(LockRecordJson.Write(next)) ? null : record);
        }

        if (expected.Value is { } parent && !(await _commits.ReadAsync([parent], cancellationToken)).ContainsKey(parent))
            await _refs.FetchAsync([_refs.Of(key)], cancellationToken);
        var commit = await _commits.WriteAsync(next, expected.Value, MayCompact, cancellationToken);
        var made = new BuiltRecord(key, expected, new VersionToken(commit));
        await journal.KeepAsync(next.OpId, made);
        return (made, null);
    }

    /// <summary>
    /// A refusal that a race, a stale lock file of the far side and a lost answer can all cause; and an error in the answer to the
    /// push itself, which a gateway may have made up while the far side went on.
    /// </summary>
    private static bool MustBeLookedUp(RemoteFailure failure, GitResult result) =>
        failure.Category is FailureCategory.Contention or FailureCategory.LockConflict or FailureCategory.Diverged or FailureCategory.Ambiguous
        || (failure.Category == FailureCategory.Server && result.Errors.Contains("RPC failed;", StringComparison.Ordinal));

    private async Task<CasOutcome> LookUpAsync(BuiltRecord built, LockRecord? written, RemoteFailure failure, CancellationToken cancellationToken)
    {
        LockSnapshot now;
        try
        {
            now = await ReadAsync(built.Key, cancellationToken);
        }
        catch (VcsException)
        {
            return new CasOutcome.Unknown(failure);
        }

        if (now.Version == built.Built)
            return new CasOutcome.Won(now.Version, now.ServerTime, written);
        if (now.Version != built.Expected)
            return new CasOutcome.Lost(now);
        if (failure.Category is FailureCategory.Ambiguous or FailureCategory.Server)
            return new CasOutcome.Unknown(failure); // The far side may still be about to do it.
        return new CasOutcome.Refused(new RemoteFailure(FailureCategory.Contention, "The remote is busy with this lock.")
        {
            Hint = $"If this lasts, a push that was killed left '{_refs.Of(built.Key)}.lock' behind in the remote's repository; its owner can remove it.",
        });
    }

    private async Task<(string? Commit, LockRecord? Record, DateTimeOffset? ServerTime)> ReadRefAsync(string name, CancellationToken cancellationToken)
    {
        for (var read = 1; read <= MaxReads; read++)
        {
            var tips = await _refs.AskAsync(name, cancellationToken);
            if (!tips.Commits.TryGetValue(name, out var commit))
                return (null, null, tips.ServerTime);
            var here = await _commits.ReadAsync([commit], cancellationToken);
            if (here.Count == 0 && await _refs.FetchAsync([name], cancellationToken))
                here = await _commits.ReadAsync([commit], cancellationToken);
            if (here.TryGetValue(commit, out var record))
                return (commit, record, tips.ServerTime);
        }

        throw new VcsException(new RemoteFailure(FailureCategory.Contention, "The lock changes faster than it can be read."));
    }

    private static LockSnapshot SnapshotOf(string hex, string commit, LockRecord? record, DateTimeOffset? serverTime) => IsOf(record, hex)
        ? new LockSnapshot(ResourceKey.Of(record!.Path), new VersionToken(commit), record, serverTime)
        : new LockSnapshot(ResourceKey.Unreadable(hex), new VersionToken(commit), null, serverTime);

    /// <summary>Whether a record is about the resource that its ref is named after; another was put there by a forger.</summary>
    private static bool IsOf(LockRecord? record, string hex)
    {
        try
        {
            return record is not null && ResourceKey.Of(record.Path).Hex == hex;
        }
        catch (PosthouseException)
        {
            return false;
        }
    }
}
