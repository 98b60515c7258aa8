namespace Posthouse.Mesh.Gossip;

/// <summary>What a peer's score is made of, and what follows from it. A score is a hint: the limits hold without it.</summary>
internal sealed record ScoreRules
{
    /// <summary>The defaults.</summary>
    public static readonly ScoreRules Default = new();

    /// <summary>
    /// The rules where it is known whose prices are believed. Many nodes of one address group gain an attacker nothing there, and are how
    /// honest meshes look.
    /// </summary>
    public static readonly ScoreRules OfKnownProviders = Default with { Colocation = 0 };

    /// <summary>For each message that came from this peer first.</summary>
    public double FirstDelivery { get; init; } = 0.5;

    /// <summary>The most that first messages are worth: less than two invalid ones cost.</summary>
    public double MostForDeliveries { get; init; } = 20;

    /// <summary>What first messages are worth halves in this time: standing must be earned anew.</summary>
    public TimeSpan DeliveryHalfLife { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For each minute in the mesh.</summary>
    public double MeshMinute { get; init; } = 0.1;

    /// <summary>The most that time in the mesh is worth: small, for sitting still proves nothing.</summary>
    public double MostForMeshTime { get; init; } = 3;

    /// <summary>For the square of the number of invalid messages: one may be a mistake, four end it.</summary>
    public double Invalid { get; init; } = -10;

    /// <summary>The number of invalid messages halves in this time.</summary>
    public TimeSpan InvalidHalfLife { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>For the square of the number of breaches: graft in the backoff, an IHave without its message, more than its share.</summary>
    public double Breach { get; init; } = -1;

    /// <summary>The number of breaches halves in this time.</summary>
    public TimeSpan BreachHalfLife { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For each frame that had to be dropped because the peer did not take it.</summary>
    public double Stall { get; init; } = -0.05;

    /// <summary>The most that stalling costs: enough to lose its place in the mesh, not to be cut off.</summary>
    public double MostForStalls { get; init; } = -25;

    /// <summary>The number of dropped frames halves in this time.</summary>
    public TimeSpan StallHalfLife { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>For the square of the number of peers from one address group beyond <see cref="FreeInGroup"/>.</summary>
    public double Colocation { get; init; } = -5;

    /// <summary>Peers of one address group that cost nothing: a household, or two nodes of one rack.</summary>
    public int FreeInGroup { get; init; } = 2;

    /// <summary>Below it no ids are told to the peer and none are taken from it.</summary>
    public double GossipBelow { get; init; } = -10;

    /// <summary>Below it its frames are dropped unread.</summary>
    public double GraylistBelow { get; init; } = -40;

    /// <summary>Below it it is banned.</summary>
    public double BanBelow { get; init; } = -80;

    /// <summary>The first ban; each further one lasts twice as long.</summary>
    public TimeSpan FirstBan { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest ban; without one for as long, the next is the first again.</summary>
    public TimeSpan LongestBan { get; init; } = TimeSpan.FromHours(24);

    /// <summary>For how long a peer that left keeps its score, so that leaving does not wash it clean.</summary>
    public TimeSpan Kept { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Peers remembered: 100 times the connections of a node.</summary>
    public int MaxPeers { get; init; } = 4_096;
}

/// <summary>What a peer's score allows; each further one allows less.</summary>
internal enum Standing : byte
{
    /// <summary>Everything.</summary>
    Good,

    /// <summary>Everything but a place in the mesh.</summary>
    Pruned,

    /// <summary>No gossip either.</summary>
    Quiet,

    /// <summary>Nothing it sends is read.</summary>
    Graylisted,

    /// <summary>Not even a connection.</summary>
    Banned,
}
