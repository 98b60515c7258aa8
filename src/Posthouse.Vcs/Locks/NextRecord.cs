namespace Posthouse.Vcs.Locks;

/// <summary>The records that may follow the one in a scene. Each raises the number by one; a tenure and a break raise the epoch too.</summary>
internal static class NextRecord
{
    /// <summary>A tenure of who asks begins.</summary>
    public static LockRecord Acquired(LockScene scene, AcquireRequest request)
    {
        var before = scene.Record;
        return new LockRecord
        {
            Path = before?.Path ?? request.Key.Path,
            State = LockState.Held,
            LockId = LockProtocol.LockIdOf(scene.NextOpId),
            Epoch = (before?.Epoch ?? 0) + 1,
            Seq = scene.NextSeq,
            OpId = scene.NextOpId,
            Owner = scene.Me,
            AcquiredAt = scene.Now,
            RenewedAt = scene.Now,
            TtlSeconds = Seconds(request.Lease),
            ExpiresAt = scene.Now + request.Lease,
            Base = request.Base,
            HeartbeatSeconds = request.Heartbeat is { } interval ? Seconds(interval) : null,
            Message = request.Message,
            Previous = before is null ? null : new LockPredecessor(before.LockId, before.Owner),
            Client = scene.Options.Client,
        };
    }

    /// <summary>The same tenure with a lease of its own length from now on, or with the later end that it has.</summary>
    public static LockRecord Kept(LockScene scene, LockRecord record)
    {
        var end = scene.Now + LeaseClock.LeaseOf(record);
        return Successor(scene, record) with { RenewedAt = scene.Now, ExpiresAt = end > record.ExpiresAt ? end : record.ExpiresAt };
    }

    /// <summary>The same tenure with another end.</summary>
    public static LockRecord Renewed(LockScene scene, LockRecord record, DateTimeOffset end)
    {
        var lease = end - scene.Now;
        lease = lease < LockOptions.MinLease ? LockOptions.MinLease : lease > LockOptions.MaxLease ? LockOptions.MaxLease : lease;
        return Successor(scene, record) with { RenewedAt = scene.Now, ExpiresAt = scene.Now + lease, TtlSeconds = Seconds(lease) };
    }

    /// <summary>The tenure ends by its holder.</summary>
    public static LockRecord Released(LockScene scene, LockRecord record) => Successor(scene, record) with { State = LockState.Released, RenewedAt = scene.Now };

    /// <summary>The tenure ends by another. The epoch rises, so that what its holder still sends is behind.</summary>
    public static LockRecord Broken(LockScene scene, LockRecord record, string? reason) => Successor(scene, record) with
    {
        State = LockState.Broken,
        Owner = record.Owner,
        Epoch = record.Epoch + 1,
        RenewedAt = scene.Now,
        By = scene.Me,
        Reason = reason,
    };

    private static LockRecord Successor(LockScene scene, LockRecord record) =>
        record with { Seq = scene.NextSeq, OpId = scene.NextOpId, Owner = scene.Me, Client = scene.Options.Client };

    private static long Seconds(TimeSpan span) => Math.Max(1, (long)Math.Ceiling(span.TotalSeconds));
}
