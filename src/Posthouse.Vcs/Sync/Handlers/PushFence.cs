using Posthouse.Storage;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>The locks of one push: judged before it, sent with it, and noted after it.</summary>
/// <param name="at">The push's place.</param>
/// <param name="store">What is known of locks here.</param>
/// <param name="opId">Its id and that of its try.</param>
internal sealed class PushFence(Workplace at, IStore store, string opId)
{
    private readonly List<ResourceKey> _keys = [];
    private readonly Dictionary<ResourceKey, (PushGuard Guard, LockRecord Renewal)> _guards = [];
    private int _made;

    /// <summary>How many locks it is about.</summary>
    public int Locks => _keys.Count;

    /// <summary>What has to go with the branch; empty where the remote cannot tie it to locks.</summary>
    public IReadOnlyList<PushGuard> Guards => [.. _guards.Values.Select(one => one.Guard)];

    /// <summary>Sees to it that this clone has each of the locks, renewing what is about to end.</summary>
    /// <returns>Null, or why nothing may be sent.</returns>
    public async Task<OperationAnswer?> RaiseAsync(IReadOnlyList<ResourceKey> needed, CancellationToken cancellationToken)
    {
        if (at.Locks.Capabilities == LockCapabilities.None) { return null; } // There are no locks: it goes as it is.

        _keys.AddRange(needed);
        foreach (var key in needed)
        {
            if (await GuardAsync(key, cancellationToken) is { } refused) { return refused; }
        }

        return null;
    }

    /// <summary>The same locks with new records, where staging took long.</summary>
    /// <exception cref="VcsException">One of them was lost meanwhile.</exception>
    public async Task<IReadOnlyList<PushGuard>> RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var key in _keys)
        {
            if (await GuardAsync(key, cancellationToken) is OperationAnswer.Failed refused) { throw new VcsException(refused.Failure); }
        }

        return Guards;
    }

    /// <summary>The push took the renewals with it.</summary>
    public void Kept(IWrite write)
    {
        foreach (var (key, (guard, renewal)) in _guards) { LockBook.Keep(write, at.Me, key, new VersionToken(guard.Renewal), renewal); }
    }

    /// <summary>The remote refused the locks: says which one was lost, as it stands there now.</summary>
    public async Task<OperationAnswer> LostAsync(RemoteFailure failure, CancellationToken cancellationToken)
    {
        foreach (var key in _keys)
        {
            if (await GuardAsync(key, cancellationToken) is { } refused) { return refused; }
        }

        // All are still this clone's: somebody renewed one of them between the look and the push.
        return new OperationAnswer.Failed(failure with { Category = FailureCategory.Contention });
    }

    private async Task<OperationAnswer?> GuardAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (!at.Locks.Capabilities.HasFlag(LockCapabilities.Renewal)) { return await CheckAsync(key, cancellationToken); }

        // A guard that is made anew is a new record: what was sent under the old name may be in the register.
        var id = $"{opId}/guard{++_made}";
        var answer = await at.Policy.GuardAsync(key, null, id, cancellationToken);
        if (answer is LockAnswer.Lapsed)
        {
            var renewed = await at.Policy.RenewAsync(new RenewRequest(key, null), $"{opId}/renew{_made}", cancellationToken);
            answer = renewed is LockAnswer.Renewed ? await at.Policy.GuardAsync(key, null, id, cancellationToken) : renewed;
        }

        answer = await LockAnswers.RememberedAsync(store, at, key, answer);
        if (answer is LockAnswer.NotHeld none) { return LockAnswers.NeverTaken(at, key, none); }
        if (answer is not LockAnswer.Guarded guarded) { return LockAnswers.Refused(at, key, answer); }
        if (at.Fence is { } fence) { _guards[key] = (await fence(key, guarded.Lock.Version, guarded.Renewal, cancellationToken), guarded.Renewal); }
        return null;
    }

    /// <summary>Looks whether this clone has the lock, where nothing can be sent in its place.</summary>
    private async Task<OperationAnswer?> CheckAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        var view = await at.Policy.ReadAsync(key, cancellationToken);
        return view is { IsMine: true, IsHeld: true } ? null : LockAnswers.Refused(at, key, new LockAnswer.Lost(view));
    }
}
