using static Posthouse.Vcs.Locks.LockDecision;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// Who may do what to a register: the table of transitions, as functions of what was read. Each looks first whether its own
/// operation wrote what is there, so that one that is repeated after a lost answer finds that it is done.
/// </summary>
internal static class LockRules
{
    /// <summary>A lease that would end less than this later is not worth an exchange.</summary>
    public static readonly TimeSpan RenewalWorth = TimeSpan.FromMinutes(1);

    public static LockDecision Acquire(LockScene scene, AcquireRequest request)
    {
        if (scene.View.Standing == LockStanding.Unreadable)
            return Unreadable(scene);
        if (scene.Record is not { State: LockState.Held } record)
            return new Write(NextRecord.Acquired(scene, request), now => Taken(scene, now, null));
        if (scene.View.IsMine)
            return AcquireOwn(scene, record, request);
        return scene.View.MayTakeOver
            ? new Write(NextRecord.Acquired(scene, request), now => Taken(scene, now, record))
            : new Done(new LockAnswer.Conflict(scene.View));
    }

    public static LockDecision Renew(LockScene scene, RenewRequest request)
    {
        if (Refusal(scene, request.LockId) is { } refusal)
            return refusal;
        var record = scene.Record!;
        // An earlier try's record may come with that time's lease; one that added must not add again.
        var wanted = request.Until ?? (request.Adds ? record.ExpiresAt : scene.Now + (request.Lease ?? LeaseClock.LeaseOf(record)));
        if ((scene.IsMyWriting && wanted - record.ExpiresAt < RenewalWorth) || request.Until <= record.ExpiresAt)
            return new Done(new LockAnswer.Renewed(scene.View));
        if (!scene.Can.HasFlag(LockCapabilities.Renewal))
            return WithoutLeases();
        var next = request switch
        {
            { Until: { } until } => NextRecord.Renewed(scene, record, until),
            { Lease: null } => NextRecord.Kept(scene, record),
            { Adds: true, Lease: { } more } => NextRecord.Renewed(scene, record, record.ExpiresAt + more),
            { Lease: { } lease } => NextRecord.Renewed(scene, record, scene.Now + lease),
        };
        var wasExpired = scene.View.Standing == LockStanding.Expired;
        return new Write(next, now => new LockAnswer.Renewed(now, wasExpired));
    }

    public static LockDecision Release(LockScene scene, ReleaseRequest request)
    {
        if (scene.Record is { State: LockState.Released } over && scene.View.IsMine && (request.LockId ?? over.LockId) == over.LockId)
            return new Done(scene.IsMyWriting ? new LockAnswer.Released(scene.View) : new LockAnswer.AlreadyReleased(scene.View));
        return (LockDecision?)Refusal(scene, request.LockId) ?? new Write(NextRecord.Released(scene, scene.Record!), now => new LockAnswer.Released(now));
    }

    public static LockDecision Break(LockScene scene, BreakRequest request) => scene.Record switch
    {
        null when scene.View.Standing == LockStanding.Unreadable => Unreadable(scene),
        null => new Done(new LockAnswer.NotHeld(scene.View)),
        { } other when other.LockId != request.LockId => new Done(new LockAnswer.Mismatch(scene.View)),
        { State: LockState.Broken } => new Done(new LockAnswer.Broken(scene.View)),
        { State: LockState.Released } => new Done(new LockAnswer.AlreadyReleased(scene.View)),
        { } record => new Write(NextRecord.Broken(scene, record, request.Reason), now => new LockAnswer.Broken(now)),
    };

    /// <summary>Whether the lock may guard a push, and the record that goes out with it. Writes nothing.</summary>
    public static LockAnswer Guard(LockScene scene, string? lockId)
    {
        if (Refusal(scene, lockId) is { } refusal)
            return refusal.Answer;
        if (!scene.Can.HasFlag(LockCapabilities.Renewal))
            return WithoutLeases().Answer;
        return scene.View.SafeFor <= TimeSpan.Zero
            ? new LockAnswer.Lapsed(scene.View)
            : new LockAnswer.Guarded(scene.View, NextRecord.Kept(scene, scene.Record!));
    }

    private static LockDecision AcquireOwn(LockScene scene, LockRecord record, AcquireRequest request)
    {
        LockAnswer Answer(LockView now) => scene.IsMyBeginning ? Taken(scene, now, null) : new LockAnswer.AlreadyMine(now);
        var end = scene.Now + request.Lease;
        var isLonger = end - record.ExpiresAt >= RenewalWorth;
        var message = request.Message ?? record.Message;
        var heartbeat = request.Heartbeat is { } interval ? (long)Math.Ceiling(interval.TotalSeconds) : record.HeartbeatSeconds;
        var saysMore = message != record.Message || heartbeat != record.HeartbeatSeconds;
        if (!scene.HasLeases || !scene.Can.HasFlag(LockCapabilities.Renewal) || !(isLonger || saysMore))
            return new Done(Answer(scene.View));
        var next = (isLonger ? NextRecord.Renewed(scene, record, end) : NextRecord.Kept(scene, record)) with { Message = message, HeartbeatSeconds = heartbeat };
        return new Write(next, Answer);
    }

    private static LockAnswer.Acquired Taken(LockScene scene, LockView now, LockRecord? from)
    {
        var offset = scene.View.ClockOffset ?? now.ClockOffset;
        return new LockAnswer.Acquired(now, from, offset?.Duration() > scene.Options.ClockSkewTolerance ? offset : null);
    }

    /// <summary>Null when this clone holds the tenure that is meant; else why not.</summary>
    private static Done? Refusal(LockScene scene, string? lockId)
    {
        if (scene.Record is not { } record)
            return scene.View.Standing == LockStanding.Unreadable ? Unreadable(scene) : new Done(new LockAnswer.NotHeld(scene.View));
        var isMeant = lockId is null || record.LockId == lockId;
        if (scene.View.IsMine && !isMeant)
            return new Done(new LockAnswer.Mismatch(scene.View));
        if (scene.View.IsMine && record.State == LockState.Held)
            return null;
        // Another's lock under the very id that was named never was this clone's; under another id, the named tenure is over.
        var wasTaken = scene.View.IsMine ? record.State == LockState.Broken : !isMeant;
        return new Done(wasTaken ? new LockAnswer.Lost(scene.View) : new LockAnswer.NotHeld(scene.View));
    }

    private static Done Unreadable(LockScene scene) => new(new LockAnswer.Failed(new RemoteFailure(FailureCategory.Local,
        $"The lock record of {scene.View.Key} cannot be read here: it is damaged, or a newer version wrote it.")
    { Hint = "Update posthouse. A damaged record has to be removed from the remote by hand." }));

    private static Done WithoutLeases() => new(new LockAnswer.Failed(new RemoteFailure(FailureCategory.ClientBug,
        "The lock service of this remote knows no leases: a lock there lasts until it is released, and cannot be renewed.")
    { Code = VcsErrors.RemoteUnsupported }));
}
