namespace Posthouse.Vcs.Locks;

/// <summary>
/// Acquire, renew, release and break, written once over any store: reads, decides by the rules, and makes the one
/// compare-and-swap that is the transition. It never waits and never tries a failed exchange again; that is the queue's.
/// An operation that is run again under the same id does its work once.
/// </summary>
/// <param name="store">The registers.</param>
/// <param name="sightings">Since when a version is known here.</param>
/// <param name="me">This clone.</param>
/// <param name="options">The lease rules.</param>
/// <param name="time">Stamps records and judges leases.</param>
public sealed class LockPolicy(ILockStore store, ISightings sightings, LockOwner me, LockOptions options, TimeProvider time)
{
    /// <summary>How often an operation decides anew after another was first. Five losses in a row are a crowd; the queue comes back later.</summary>
    public const int MaxRounds = 5;

    /// <summary>What the store can do.</summary>
    public LockCapabilities Capabilities => store.Capabilities;

    /// <summary>Takes a lock: one that nobody has, or one whose lease is over by both clocks, where nobody has one of a folder above it
    /// or of what is below it. For its holder a success without an exchange, unless the asked lease ends later.</summary>
    /// <param name="request">What, and for how long.</param>
    /// <param name="opId">The operation's id; the same when it is repeated.</param>
    /// <param name="cancellationToken">Ends it; what was sent may have been applied.</param>
    /// <returns>Acquired, AlreadyMine, Conflict, Failed or Unknown.</returns>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the lease or the message is out of range.</exception>
    public async Task<LockAnswer> AcquireAsync(AcquireRequest request, string opId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckLease(request.Lease);
        CheckNote(request.Message);
        var answer = await RunAsync(request.Key, opId, scene => LockRules.Acquire(scene, request), cancellationToken);
        return answer is LockAnswer.Acquired taken ? await ConfirmAsync(taken, opId, cancellationToken) : answer;
    }

    /// <summary>Moves the end of a lease that this clone holds; also one that is over, as long as nobody has taken the lock.</summary>
    /// <param name="request">Which, and to when.</param>
    /// <param name="opId">The operation's id; the same when it is repeated.</param>
    /// <param name="cancellationToken">Ends it; what was sent may have been applied.</param>
    /// <returns>Renewed, Lost, NotHeld, Mismatch, Failed or Unknown.</returns>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the lease is out of range.</exception>
    public Task<LockAnswer> RenewAsync(RenewRequest request, string opId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Lease is { } lease)
            CheckLease(lease);
        return RunAsync(request.Key, opId, scene => LockRules.Renew(scene, request), cancellationToken);
    }

    /// <summary>Gives a lock back. Another's lock is never touched.</summary>
    /// <param name="request">Which.</param>
    /// <param name="opId">The operation's id; the same when it is repeated.</param>
    /// <param name="cancellationToken">Ends it; what was sent may have been applied.</param>
    /// <returns>Released, AlreadyReleased, Lost, NotHeld, Mismatch, Failed or Unknown.</returns>
    public Task<LockAnswer> ReleaseAsync(ReleaseRequest request, string opId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RunAsync(request.Key, opId, scene => LockRules.Release(scene, request), cancellationToken);
    }

    /// <summary>Takes the very lock that is named from its holder, and leaves it to nobody.</summary>
    /// <param name="request">Which, and why.</param>
    /// <param name="opId">The operation's id; the same when it is repeated.</param>
    /// <param name="cancellationToken">Ends it; what was sent may have been applied.</param>
    /// <returns>Broken, AlreadyReleased, Mismatch, NotHeld, Failed or Unknown.</returns>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the reason is too long.</exception>
    public Task<LockAnswer> BreakAsync(BreakRequest request, string opId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckNote(request.Reason);
        return RunAsync(request.Key, opId, scene => LockRules.Break(scene, request), cancellationToken);
    }

    /// <summary>Whether a lock of this clone may guard a push now, and the renewal that has to go out with the branch. Writes nothing.</summary>
    /// <param name="key">The resource.</param>
    /// <param name="lockId">The tenure that is meant; null: the one that this clone holds.</param>
    /// <param name="opId">The push's id; the same when it is repeated.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Guarded, Lapsed, Lost, NotHeld, Mismatch or Failed.</returns>
    public async Task<LockAnswer> GuardAsync(ResourceKey key, string? lockId, string opId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(opId);
        try
        {
            return LockRules.Guard(await SceneAsync(await store.ReadAsync(key, cancellationToken), opId), lockId);
        }
        catch (VcsException e)
        {
            return new LockAnswer.Failed(e.Failure);
        }
    }

    /// <summary>Reads one register.</summary>
    /// <exception cref="VcsException">It could not be read.</exception>
    public async Task<LockView> ReadAsync(ResourceKey key, CancellationToken cancellationToken) => await ViewAsync(await store.ReadAsync(key, cancellationToken));

    /// <summary>Reads all registers that were ever written, in no order.</summary>
    /// <exception cref="VcsException">They could not be read.</exception>
    public async IAsyncEnumerable<LockView> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var snapshot in store.ListAsync(cancellationToken))
            yield return await ViewAsync(snapshot);
    }

    private static void CheckLease(TimeSpan lease)
    {
        if (lease < LockOptions.MinLease || lease > LockOptions.MaxLease)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"A lease of {lease} is out of range: give {LockOptions.MinLease.TotalSeconds} s to {LockOptions.MaxLease.TotalDays} days.");
    }

    private static void CheckNote(string? note)
    {
        if (note?.Length > LockProtocol.MaxNoteLength)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The text is {note.Length} characters long; at most {LockProtocol.MaxNoteLength} are kept with a lock.");
    }

    private async Task<LockAnswer> RunAsync(ResourceKey key, string opId, Func<LockScene, LockDecision> rule, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(opId);
        try
        {
            var seen = await store.ReadAsync(key, cancellationToken);
            for (var round = 1; round <= MaxRounds; round++)
            {
                var decision = rule(await SceneAsync(seen, opId));
                if (decision is LockDecision.Done done)
                    return done.Answer;
                var write = (LockDecision.Write)decision;
                var begins = write.Next.LockId != seen.Record?.LockId;
                if (begins && await OverlapAsync(key, cancellationToken) is { } other)
                    return new LockAnswer.Conflict(other);
                switch (await store.CompareAndSwapAsync(key, seen.Version, write.Next, cancellationToken))
                {
                    case CasOutcome.Won { Written: null } won:
                        return write.Then(await ViewAsync(new LockSnapshot(key, won.Version, write.Next, won.ServerTime)));
                    case CasOutcome.Won won: // An earlier try's record, with that time's lease: judged like any other.
                        seen = new LockSnapshot(key, won.Version, won.Written, won.ServerTime);
                        break;
                    case CasOutcome.Lost lost:
                        seen = lost.Now;
                        break;
                    case CasOutcome.Unknown unknown:
                        return new LockAnswer.Unknown(unknown.Failure);
                    case CasOutcome.Refused refused:
                        return new LockAnswer.Failed(refused.Failure);
                }
            }

            return new LockAnswer.Failed(new RemoteFailure(FailureCategory.Contention, $"Others changed the lock of {key} {MaxRounds} times in a row while it was being changed here."));
        }
        catch (VcsException e)
        {
            return new LockAnswer.Failed(e.Failure);
        }
    }

    /// <summary>
    /// Looks once more when the lock is taken. Of two who take locks that overlap, the one whose record was written last sees the
    /// other's; where each sees the other's nobody can tell who looked first, so both give way and come back at times of their own.
    /// </summary>
    private async Task<LockAnswer> ConfirmAsync(LockAnswer.Acquired taken, string opId, CancellationToken cancellationToken)
    {
        var key = taken.Lock.Key;
        try
        {
            if (await OverlapAsync(key, cancellationToken) is not { } other)
                return taken;
            var failure = new RemoteFailure(FailureCategory.Contention, $"{other.Record!.Owner.Named} took the lock of {other.Key} at the same moment.");
            var back = await ReleaseAsync(new ReleaseRequest(key, taken.Lock.Record!.LockId), opId, cancellationToken);
            return back.IsSuccess ? new LockAnswer.Failed(failure) : new LockAnswer.Unknown(failure);
        }
        catch (VcsException e)
        {
            return new LockAnswer.Unknown(e.Failure);
        }
    }

    /// <summary>A lock that another has of a folder above a resource or of something below it, or null.</summary>
    private async Task<LockView?> OverlapAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        LockView? other = null;
        await foreach (var snapshot in store.ListAsync(cancellationToken))
        {
            // All of them are looked at, for the time during which one is seen unchanged counts for each.
            if (snapshot.Key != key && snapshot.Key.Overlaps(key) && await ViewAsync(snapshot) is { IsTaken: true } taken)
                other ??= taken;
        }

        return other;
    }

    private async ValueTask<LockScene> SceneAsync(LockSnapshot snapshot, string opId) =>
        new(await ViewAsync(snapshot), Now(), me, options, store.Capabilities, opId);

    private async ValueTask<LockView> ViewAsync(LockSnapshot snapshot)
    {
        // Only what another holds is ever taken over, so nothing else needs to be remembered.
        var isOthers = snapshot.Record is { State: LockState.Held } record && !me.IsSame(record.Owner);
        var seenFor = isOthers ? await sightings.SeenAsync(snapshot.Key, snapshot.Version) : TimeSpan.Zero;
        return LeaseClock.View(snapshot, Now(), seenFor, me, options, store.Capabilities);
    }

    /// <summary>In the unit in which records keep it, so that what is written is what is read back.</summary>
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
    }
}
