using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Network;

/// <summary>By which way a provider's message came.</summary>
internal enum ProofPath : byte
{
    /// <summary>Gossiped as it was published.</summary>
    Live,

    /// <summary>In a peer's status or the answer to a probe.</summary>
    Relayed,

    /// <summary>In a catch-up, from a store, or from a cache: proves nothing.</summary>
    Stored,
}

/// <summary>A verified signed message of a provider, seen as what it says of the provider's life.</summary>
internal readonly record struct ProofOfLife
{
    /// <summary>Who signed it.</summary>
    public required NodeId Provider { get; init; }

    /// <summary>Its place among the signer's messages; only a newer one than all before proves anything.</summary>
    public required Stamp Stamp { get; init; }

    /// <summary>When it was signed, by the signer's clock.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>How it came.</summary>
    public ProofPath Path { get; init; }

    /// <summary>What the signer says of itself; a price update says active, whoever sends it.</summary>
    public ProviderState Condition { get; init; }

    /// <summary>Links that it crossed to get here; null: not known.</summary>
    public byte? Hops { get; init; }

    /// <summary>Whether it is a beacon, which come at even intervals; price updates do not.</summary>
    public bool IsBeacon { get; init; }

    /// <summary>Prices that it refreshed here; 0 for a beacon.</summary>
    public int Prices { get; init; }

    /// <summary>Of a beacon: what is left of the signer's budget, in thousandths.</summary>
    public int Budget { get; init; }

    /// <summary>Of a beacon: how well the signer thinks it served, 0 to 100.</summary>
    public int Health { get; init; }

    /// <summary>Of a beacon: for how long the signer's process has run.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Of a beacon: the first slot that the signer can serve, for a small quota makes it skip some; 0: the next.</summary>
    public ulong NextSlot { get; init; }

    /// <summary>Of a beacon: a number for the assets that the signer reads; whoever reads the same has the same.</summary>
    public ulong Group { get; init; }

    /// <summary>Of a beacon: the signed message, to be shown to peers that connect.</summary>
    public ReadOnlyMemory<byte> Signed { get; init; }

    /// <summary>What a verified beacon or goodbye says of its signer's life.</summary>
    public static ProofOfLife Of(SignedFrame frame, ProofPath path, byte hops)
    {
        var beacon = frame.Content as BeaconContent;
        return new()
        {
            Provider = frame.Envelope.Signer,
            Stamp = frame.Envelope.Stamp,
            IssuedAt = frame.Envelope.IssuedAt,
            Path = path,
            Hops = hops,
            Condition = beacon?.State ?? ProviderState.Leaving,
            IsBeacon = beacon is not null,
            Budget = beacon?.Budget ?? 0,
            Health = beacon?.Health ?? 0,
            Uptime = TimeSpan.FromSeconds(Math.Min(beacon?.UpSeconds ?? 0, uint.MaxValue)),
            NextSlot = beacon?.NextSlot ?? 0,
            Group = beacon?.AssetsHash ?? 0,
            Signed = beacon is null ? default : frame.Envelope.Frame,
        };
    }
}

/// <summary>What became of a proof of life. Those from <see cref="NotNewer"/> on were refused, and are counted by name.</summary>
internal enum LifeSign : byte
{
    /// <summary>A provider that was alive still is.</summary>
    Refreshed,

    /// <summary>A provider never heard of.</summary>
    New,

    /// <summary>A known one that was gone.</summary>
    Returning,

    /// <summary>A goodbye.</summary>
    Left,

    /// <summary>A consumer that would stand in for providers, and does not now: alive, but no provider.</summary>
    Waiting,

    /// <summary>Refused: no newer than what was heard before.</summary>
    NotNewer,

    /// <summary>Refused: from an earlier life of the provider.</summary>
    Ghost,

    /// <summary>Refused: too old to say that its signer still lives.</summary>
    TooOld,

    /// <summary>Refused: it came by a way that proves no life.</summary>
    Stored,

    /// <summary>Refused: this node's own.</summary>
    Own,

    /// <summary>Refused: as many providers as may be are known, and alive.</summary>
    TooMany,

    /// <summary>Refused: a goodbye of somebody never heard of.</summary>
    Stranger,
}

/// <summary>What two peers tell each other after the greeting.</summary>
/// <param name="Node">Who tells.</param>
/// <param name="IsProvider">Whether it provides prices. Believed only with its signed beacon among <paramref name="Beacons"/>.</param>
/// <param name="HopCount">Links from the teller to the nearest provider; 0: it is one; <see cref="ProviderInfo.UnknownHops"/>: it knows none.</param>
/// <param name="Beacons">The last beacons of the providers that the teller knows to be alive, verified by the receiver.</param>
internal sealed record PeerStatus(NodeId Node, bool IsProvider, int HopCount, IReadOnlyList<ProofOfLife> Beacons);
