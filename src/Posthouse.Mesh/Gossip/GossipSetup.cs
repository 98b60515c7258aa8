using Posthouse.Jobs;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>All that an engine is made of.</summary>
internal sealed record GossipSetup
{
    /// <summary>The node's key.</summary>
    public required ISigningKey Key { get; init; }

    /// <summary>The mesh.</summary>
    public required NetworkId Network { get; init; }

    /// <summary>The start of the process, see <see cref="EpochFile"/>.</summary>
    public required uint Epoch { get; init; }

    /// <summary>Checks signatures.</summary>
    public required ISignatures Signatures { get; init; }

    /// <summary>Judges signers.</summary>
    public required ProviderTrust Trust { get; init; }

    /// <summary>Chance.</summary>
    public required IIds Ids { get; init; }

    /// <summary>Does what the engine wants done.</summary>
    public required IGossipPort Port { get; init; }

    /// <summary>What outlives the process.</summary>
    public required INetworkMemory Memory { get; init; }

    /// <summary>An operator's word for the key, where providers need one.</summary>
    public Certificate? Certificate { get; init; }

    /// <summary>What <see cref="GossipNode.ChangeKey"/> gave whenever a key of this node took the place of the one before, then what <see cref="IGossipPort.Follow"/> was given; in their order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> KeyChanges { get; init; } = [];

    /// <summary>Where this node takes connections; empty: nowhere.</summary>
    public string Address { get; init; } = "";

    /// <summary>Program and version.</summary>
    public string Agent { get; init; } = "";

    /// <summary>Addresses that are dialled for ever.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>How it keeps its place.</summary>
    public GossipOptions Gossip { get; init; } = GossipOptions.Default;

    /// <summary>Bounds of messages.</summary>
    public CheckRules Checks { get; init; } = CheckRules.Default;

    /// <summary>What a peer may send.</summary>
    public PeerShares Shares { get; init; } = PeerShares.Default;

    /// <summary>What a peer's score is made of.</summary>
    public ScoreRules Scores { get; init; } = ScoreRules.Default;

    /// <summary>When a provider is held for gone.</summary>
    public MembershipOptions Membership { get; init; } = new();

    /// <summary>When alarms are due.</summary>
    public OfflineOptions Offline { get; init; } = new();

    /// <summary>How prices are chosen and kept.</summary>
    public PriceBookOptions Prices { get; init; } = new();

    /// <summary>When providers fetch.</summary>
    public SlotOptions Slots { get; init; } = new();

    /// <summary>Whether it stands in for providers.</summary>
    public PromotionOptions Promotion { get; init; } = new();

    /// <summary>The vendor's quota of the node's source.</summary>
    public BudgetLimits Budget { get; init; } = new();

    /// <summary>What is used of it.</summary>
    public BudgetUse Used { get; init; }

    /// <summary>Addresses that the process before knew.</summary>
    public IReadOnlyList<KnownAddress> Known { get; init; } = [];
}
