using System.Globalization;
using System.Text.Json;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// Locks that a Git host keeps by the Git LFS File Locking API, the same ones that <c>git lfs lock</c> makes and shows. The host
/// proves whose they are; there are no leases, nothing can be renewed or fenced, and only files can be locked.
/// </summary>
/// <remarks>
/// A version is the host's id of a lock. The host knows accounts and no clones: a lock that the same account took in another clone
/// counts as this clone's own.
/// </remarks>
internal sealed class LfsLockStore(LfsHost service, ILockJournal journal, LockOwner me) : ILockStore
{
    private const string Client = "git-lfs";
    private const int Conflict = 409;
    private const int NotFound = 404;

    /// <summary>Most pages that are read: a host that repeats its cursor must not hold a command for ever.</summary>
    private const int MaxPages = 1_000;

    private const int PageSize = 100;

    /// <inheritdoc/>
    public LockCapabilities Capabilities => LockCapabilities.AtomicCas | LockCapabilities.Paths | LockCapabilities.ServerIdentity | LockCapabilities.ServerClock;

    /// <inheritdoc/>
    public async ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (key.Path == ResourceKey.WholeProject)
            return new LockSnapshot(key, VersionToken.Absent, null);
        var answer = await service.SendAsync(HttpMethod.Get, "locks?path=" + Uri.EscapeDataString(key.Path), null, cancellationToken);
        if (answer.Failure is { } failure)
            throw new VcsException(Named(failure));
        var found = LfsHost.ReadAll(answer.Json, "locks").FirstOrDefault(one => one.Path == key.Path);
        if (found is null)
            return new LockSnapshot(key, VersionToken.Absent, null, answer.ServerTime);
        var isMine = await IsMineAsync(found.Id, cancellationToken);
        return Snapshot(key, found, isMine, answer.ServerTime);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LockSnapshot> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (found, isMine, at) in VerifiedAsync(cancellationToken))
        {
            if (KeyOf(found.Path) is { } key)
                yield return Snapshot(key, found, isMine, at);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        try
        {
            return (expected.Value, next.State) switch
            {
                (null, LockState.Held) => await CreateAsync(key, next, cancellationToken),
                ({ } id, LockState.Released or LockState.Broken) => await UnlockAsync(key, id, next.State == LockState.Broken, cancellationToken),
                _ => new CasOutcome.Refused(new RemoteFailure(FailureCategory.ClientBug, "The host's lock service can lock and unlock, and nothing else.")),
            };
        }
        catch (VcsException e) when (e.Failure.Category == FailureCategory.Ambiguous)
        {
            return new CasOutcome.Unknown(e.Failure);
        }
        catch (VcsException e)
        {
            return new CasOutcome.Refused(e.Failure);
        }
    }

    private static RemoteFailure Named(RemoteFailure failure) => failure.StatusCode != NotFound ? failure : failure with
    {
        Message = "The host has no LFS lock service, or hides the repository from who asks.",
        Hint = "Keep the locks on the Git remote itself: `posthouse config set Locks:Backend git`.",
    };

    private static ResourceKey? KeyOf(string path)
    {
        try
        {
            return ResourceKey.Of(path);
        }
        catch (PosthouseException)
        {
            return null; // A path that no clone of ours could name.
        }
    }

    private async Task<CasOutcome> CreateAsync(ResourceKey key, LockRecord next, CancellationToken cancellationToken)
    {
        if (key.Path == ResourceKey.WholeProject)
            return new CasOutcome.Refused(new RemoteFailure(FailureCategory.ClientBug, "The host's lock service locks files only, not the whole project."));
        var wasTried = await journal.FindAsync(next.OpId) is not null;
        await journal.KeepAsync(next.OpId, new BuiltRecord(key, VersionToken.Absent, VersionToken.Absent));
        var answer = await service.SendAsync(HttpMethod.Post, "locks", json => json.WriteString("path", key.Path), cancellationToken);
        var told = answer.Json.ValueKind == JsonValueKind.Object && answer.Json.TryGetProperty("lock", out var member) ? LfsHost.Read(member) : null;
        if (answer.Failure is null && told is not null)
            return new CasOutcome.Won(new VersionToken(told.Id), answer.ServerTime, RecordOf(told, isMine: true) with { OpId = next.OpId });
        if (answer.StatusCode != Conflict)
            return new CasOutcome.Refused(Named(answer.Failure ?? new RemoteFailure(FailureCategory.Unknown, "The host's lock service answered without a lock.")));

        var now = await ReadAsync(key, cancellationToken);
        // Ours, and this operation had asked before: the answer was lost, the lock was not.
        return wasTried && now.Record is { } record && me.IsSame(record.Owner)
            ? new CasOutcome.Won(now.Version, answer.ServerTime, record with { OpId = next.OpId })
            : new CasOutcome.Lost(now);
    }

    private async Task<CasOutcome> UnlockAsync(ResourceKey key, string id, bool force, CancellationToken cancellationToken)
    {
        var answer = await service.SendAsync(HttpMethod.Post, $"locks/{Uri.EscapeDataString(id)}/unlock", json => json.WriteBoolean("force", force), cancellationToken);
        if (answer.Failure is null)
            return new CasOutcome.Won(VersionToken.Absent, answer.ServerTime);
        if (answer.StatusCode != NotFound)
            return new CasOutcome.Refused(answer.Failure);
        // No such lock: released before, or by another. What is there now decides; if it is still this one, the service is gone.
        var now = await ReadAsync(key, cancellationToken);
        return now.Version.Value == id ? new CasOutcome.Refused(Named(answer.Failure)) : new CasOutcome.Lost(now);
    }

    private async Task<bool> IsMineAsync(string id, CancellationToken cancellationToken)
    {
        await foreach (var (found, isMine, _) in VerifiedAsync(cancellationToken))
        {
            if (found.Id == id)
                return isMine;
        }

        return false; // Unlocked in between.
    }

    /// <summary>All locks, each with whether the host says that it is this account's.</summary>
    private async IAsyncEnumerable<(LfsLock Lock, bool IsMine, DateTimeOffset? At)> VerifiedAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var from = cursor;
            var answer = await service.SendAsync(HttpMethod.Post, LfsHost.Verify, json =>
            {
                json.WriteNumber("limit", PageSize);
                if (from is not null)
                    json.WriteString("cursor", from);
            }, cancellationToken);
            if (answer.Failure is { } failure)
                throw new VcsException(Named(failure));
            foreach (var found in LfsHost.ReadAll(answer.Json, "ours"))
                yield return (found, true, answer.ServerTime);
            foreach (var found in LfsHost.ReadAll(answer.Json, "theirs"))
                yield return (found, false, answer.ServerTime);
            cursor = LfsHost.Text(answer.Json, "next_cursor");
            if (string.IsNullOrEmpty(cursor) || cursor == from)
                yield break;
        }
    }

    private LockSnapshot Snapshot(ResourceKey key, LfsLock found, bool isMine, DateTimeOffset? at) => new(key, new VersionToken(found.Id), RecordOf(found, isMine), at);

    private LockRecord RecordOf(LfsLock found, bool isMine) => new()
    {
        Path = found.Path,
        State = LockState.Held,
        LockId = found.Id,
        Epoch = 1,
        Seq = 1,
        OpId = string.Create(CultureInfo.InvariantCulture, $"{Client}/{found.Id}"),
        Owner = isMine ? me : new LockOwner(found.Owner, "", found.Owner, "lfs", "lfs", found.Owner),
        AcquiredAt = found.LockedAt,
        RenewedAt = found.LockedAt,
        TtlSeconds = (long)LockOptions.MaxLease.TotalSeconds, // The store has no leases; nothing is judged by it.
        ExpiresAt = DateTimeOffset.MaxValue,
        Client = Client,
    };
}
