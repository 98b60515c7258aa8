namespace Posthouse.Mesh.Network;

/// <summary>When a provider is held for suspect, and when for gone.</summary>
internal sealed record MembershipOptions
{
    /// <summary>Most providers that are known at a time: what an open mesh can be flooded with costs 1 MB.</summary>
    public const int MaxProviders = 1_024;

    /// <summary>Time between two beacons of one provider.</summary>
    public TimeSpan Beacon { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>φ from which a silent provider is suspect.</summary>
    public double SuspectPhi { get; init; } = 8;

    /// <summary>The least silence that makes suspect, whatever φ says: one lost beacon is none.</summary>
    public TimeSpan SuspectFloor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which a provider is gone.</summary>
    public TimeSpan Gone { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Time without a sign of life after a lost connection, after which it is gone.</summary>
    public TimeSpan GoneAfterLoss { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Peers that are asked about a provider whose connection was lost.</summary>
    public int Witnesses { get; init; } = 3;

    /// <summary>
    /// The oldest message that proves life, whichever way it came: the silence that makes gone, and 5 s for clocks that differ and for the way.
    /// One that is older says no more than the silence since, and whoever held it back must not end an outage with it.
    /// </summary>
    public TimeSpan MaxProofAge { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Missed slots in a row that make a provider degraded.</summary>
    public int MissedSlots { get; init; } = 2;

    /// <summary>The time within which the third change between alive and gone makes flapping.</summary>
    public TimeSpan FlapWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a flapping provider must be steady.</summary>
    public TimeSpan HoldDown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between two writes of who is alive: what a restart may have forgotten.</summary>
    public TimeSpan Remember { get; init; } = TimeSpan.FromSeconds(60);
}
