using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>How a signed message came.</summary>
internal enum Origin : byte
{
    /// <summary>By gossip: it is passed on, and it proves that its signer is alive.</summary>
    Live,

    /// <summary>Inside a status or the answer to a probe: it proves life by its own time, but is not passed on from here.</summary>
    Told,

    /// <summary>Inside a snapshot: it may be old, is not passed on and proves nothing about its signer.</summary>
    Sync,

    /// <summary>From this node's own store: it was accepted once, and no clock takes the last price of an asset away.</summary>
    Stored,
}

/// <summary>Bounds that a node may set.</summary>
internal sealed record CheckRules
{
    /// <summary>The defaults.</summary>
    public static readonly CheckRules Default = new();

    /// <summary>How old a message of a snapshot may be: as long as prices are kept.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How old a live message may be.</summary>
    public TimeSpan MaxAge { get; init; } = MeshProtocol.MaxAge;

    /// <summary>How far in the future a message may be signed.</summary>
    public TimeSpan MaxAhead { get; init; } = MeshProtocol.MaxAhead;

    /// <summary>The assets that this node follows; null: all.</summary>
    public IReadOnlySet<AssetKey>? Assets { get; init; }
}

/// <summary>
/// The bounds of what signed messages say. What a node can see in the bytes alone is a fault of who passed them on; what depends on its
/// clock or its options is not. A price far from the others is in bounds: who passes it on is not guilty of it.
/// </summary>
internal static class UpdateChecks
{
    /// <summary>Checks a message's time and, of prices, every field.</summary>
    /// <param name="frame">The message.</param>
    /// <param name="origin">How it came.</param>
    /// <param name="now">The wall clock, set right by what is known of its error.</param>
    /// <param name="rules">The node's bounds.</param>
    public static Refusal Check(SignedFrame frame, Origin origin, DateTimeOffset now, CheckRules rules)
    {
        // What every node sees alike comes first, so that one message has one verdict everywhere.
        var reason = frame.Content is PriceContent prices ? CheckPrices(prices.Prices, frame.Envelope.IssuedAt) : Refusal.None;
        if (reason == Refusal.None)
            reason = CheckAge(frame, origin, now - frame.Envelope.IssuedAt, rules);
        if (reason != Refusal.None)
            return reason;
        return frame.Content is PriceContent content && rules.Assets is { } assets && !FollowsAny(content.Prices, assets) ? Refusal.UnknownAsset : Refusal.None;
    }

    private static Refusal CheckAge(SignedFrame frame, Origin origin, TimeSpan age, CheckRules rules)
    {
        if (origin == Origin.Stored)
            return Refusal.None;
        if (age < -rules.MaxAhead)
            return Refusal.ClockSkew;
        // Which key a node went over to stays true, and where it listens for long; all else is news.
        if (frame.Content is KeyChangeContent && origin == Origin.Told)
            return Refusal.None;
        if (origin == Origin.Sync || frame.Content is PeerContent)
            return age > rules.Retention ? Refusal.BeyondRetention : Refusal.None;
        return age > rules.MaxAge ? Refusal.TooOld : Refusal.None;
    }

    private static Refusal CheckPrices(PriceReading[] prices, DateTimeOffset issuedAt)
    {
        if (prices.Length == 0)
            return Refusal.NoPrices;
        foreach (var price in prices)
        {
            if (price.Price <= 0)
                return Refusal.PriceNotPositive;
            if (price.Change24h is < MeshProtocol.MinChange24h or > MeshProtocol.MaxChange24h)
                return Refusal.ChangeOutOfRange;
            if (price.Confidence < 0)
                return Refusal.ConfidenceNegative;
            var age = issuedAt - price.ObservedAt;
            if (age < -MeshProtocol.ObservedAhead)
                return Refusal.ObservedAhead;
            if (age > MeshProtocol.ObservedBehind)
                return Refusal.ObservedBehind;
        }

        return Refusal.None;
    }

    private static bool FollowsAny(PriceReading[] prices, IReadOnlySet<AssetKey> assets)
    {
        foreach (var price in prices)
        {
            if (assets.Contains(price.Key))
                return true;
        }

        return false;
    }
}
