using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Network;

/// <summary>What a provider is to this node.</summary>
internal enum Liveness : byte
{
    /// <summary>Known from before, and not heard since.</summary>
    Inactive,

    /// <summary>Alive.</summary>
    Active,

    /// <summary>Alive as far as is known, but the connection to it was lost or it is silent for long.</summary>
    Suspect,
}

/// <summary>One provider as this node knows it. Connected, alive and useful are three facts; none follows from another.</summary>
internal sealed class ProviderRecord(NodeId id, TimeSpan beacon)
{
    /// <summary>How long one that has just risen may keep silent about what it reads: two times between beacons, for one may be lost.</summary>
    private readonly TimeSpan _unsaid = 2 * beacon;

    private TimeSpan? _before;
    private TimeSpan? _last;

    /// <summary>Who.</summary>
    public NodeId Id => id;

    /// <summary>Whether it is alive.</summary>
    public Liveness State { get; set; }

    /// <summary>Its newest message.</summary>
    public Stamp Stamp { get; set; }

    /// <summary>When it was first heard, in any life of this node.</summary>
    public DateTimeOffset FirstSeen { get; init; }

    /// <summary>The last signed sign of life, by this node's clocks.</summary>
    public Moment LastSeen { get; set; }

    /// <summary>When it was last found to be alive after it was not.</summary>
    public TimeSpan RoseAt { get; set; }

    /// <summary>When it was held for gone.</summary>
    public Moment GoneAt { get; set; }

    /// <summary>Why it was held for gone, at the last time.</summary>
    public DisconnectReason GoneReason { get; set; }

    /// <summary>How long it was gone, at the last time.</summary>
    public TimeSpan OfflineFor { get; set; }

    /// <summary>When the connection to it was lost, until the next sign of life.</summary>
    public TimeSpan? LossAt { get; set; }

    /// <summary>The last beacon, for peers that connect.</summary>
    public ProofOfLife? Beacon { get; set; }

    /// <summary>A number for the assets that it reads; null: it has sent no beacon yet.</summary>
    public ulong? Group => Beacon?.Group;

    /// <summary>Whether it says itself that its source fails.</summary>
    public bool SaysDegraded { get; set; }

    /// <summary>Slots that were its own and that it missed, in a row.</summary>
    public int Missed { get; set; }

    /// <summary>Whether it is alive and delivers nothing.</summary>
    public bool IsDegraded { get; set; }

    /// <summary>Until when it must be steady to be spoken of again; null: it does not flap.</summary>
    public TimeSpan? HeldUntil { get; set; }

    /// <summary>Whether it was last told to be alive.</summary>
    public bool ToldActive { get; set; }

    /// <summary>When it was last written down.</summary>
    public TimeSpan? RememberedAt { get; set; }

    /// <summary>How regularly its beacons come.</summary>
    public PhiAccrual Arrivals { get; } = new(beacon);

    /// <summary>When the last beacon came.</summary>
    public TimeSpan? LastBeacon { get; set; }

    /// <summary>How far away it is.</summary>
    public HopWindow Hops { get; } = new();

    /// <summary>How well it serves.</summary>
    public HealthScore Health { get; init; } = new();

    /// <summary>Whether it counts as alive.</summary>
    public bool IsAlive => State != Liveness.Inactive;

    /// <summary>Whether it is a consumer that stands in for providers.</summary>
    public bool IsStandingIn => IsAlive && Beacon is { Condition: ProviderState.Standby };

    /// <summary>
    /// Whether it reads the assets of a group, as far as is known. One that has just risen may be of any until its beacon comes; one that sends
    /// none is of no group, for it could not be told from one that never serves.
    /// </summary>
    public bool MayBeOf(ulong group, TimeSpan now) => Group is { } said ? said == group : now - RoseAt < _unsaid;

    /// <summary>Notes a change between alive and gone; returns whether it was the third within the window.</summary>
    public bool NoteChange(TimeSpan now, TimeSpan window)
    {
        var third = _before is { } first && now - first <= window;
        (_before, _last) = (_last, now);
        return third;
    }

    /// <summary>What is written down of it.</summary>
    public KnownProvider Known() => new(Id, FirstSeen, LastSeen.Wall, Stamp, Health.Counts);
}
