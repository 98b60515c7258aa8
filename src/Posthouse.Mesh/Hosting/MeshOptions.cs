using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>A node of the price mesh.</summary>
public sealed record MeshOptions
{
    /// <summary>Ids that may be remembered: about 48 MiB.</summary>
    private const int MaxSeenIds = 1_048_576;

    /// <summary>The folder that is this node's alone: its key, the count of its starts, its prices.</summary>
    public required string Folder { get; init; }

    /// <summary>The mesh's name, 1 to 64 of <c>a-z 0-9 . _ -</c>; nodes of different names hear nothing of each other. Default <c>posthouse</c>.</summary>
    public string Network { get; init; } = "posthouse";

    /// <summary>Where other nodes are found at first: <c>host:port</c> or <c>ws://host:port</c>. They are dialled for ever.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>Where others reach this node, as a seed is written; null: others are not told, and it still dials.</summary>
    public string? Address { get; init; }

    /// <summary>Whose prices are believed. Default <see cref="TrustMode.Operator"/>.</summary>
    public TrustMode Trust { get; init; } = TrustMode.Operator;

    /// <summary>Providers that are believed under <see cref="TrustMode.AllowList"/>, by id.</summary>
    public IReadOnlyList<NodeId> Providers { get; init; } = [];

    /// <summary>Providers that are never believed, by id, whoever vouches for them.</summary>
    public IReadOnlyList<NodeId> Banned { get; init; } = [];

    /// <summary>The operators' keys under <see cref="TrustMode.Operator"/>: SPKI in Base64.</summary>
    public IReadOnlyList<string> Operators { get; init; } = [];

    /// <summary>The file of this node's own certificate, where it provides under <see cref="TrustMode.Operator"/>; null: it has none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Where this node's prices come from, should it provide; null: it cannot.</summary>
    public SourceOptions? Source { get; init; }

    /// <summary>Whether it provides from the start. Default no.</summary>
    public bool Provide { get; init; }

    /// <summary>When providers fetch.</summary>
    public SlotOptions Slots { get; init; } = new();

    /// <summary>Whether it stands in for missing providers.</summary>
    public PromotionOptions Promotion { get; init; } = new();

    /// <summary>How one value is chosen among the providers', and how long it is kept.</summary>
    public PriceBookOptions Prices { get; init; } = new();

    /// <summary>When alarms about missing providers are due.</summary>
    public OfflineOptions Offline { get; init; } = new();

    /// <summary>Connections that it opens, 1 to 64. Default 8.</summary>
    public int Outbound { get; init; } = 8;

    /// <summary>Connections that it takes, 0 to 1,024. Default 32.</summary>
    public int MaxInbound { get; init; } = 32;

    /// <summary>Connections below which it hurries to find more, at most <see cref="Outbound"/>. Default 3.</summary>
    public int MinPeers { get; init; } = 3;

    /// <summary>How many times a message of this node is passed on, 1 to 32. Default 16: 10,000 nodes need 12, and more when many of them die.</summary>
    public int Ttl { get; init; } = MeshProtocol.DefaultTtl;

    /// <summary>Ids of messages that are remembered, so that none is taken twice; 10,000 to 1,048,576. Default 65,536, about 3 MiB.</summary>
    public int SeenIds { get; init; } = SeenSet.MaxIds;

    /// <summary>For how long they are remembered at least, unless more than half of <see cref="SeenIds"/> come after them; 5 minutes to an hour. Default 5 minutes.</summary>
    public TimeSpan SeenTime { get; init; } = SeenSet.GenerationTime;

    /// <summary>
    /// Web origins whose pages may read prices, open WebSockets and, with the operator's token, switch the provider, such as
    /// <c>https://example.org</c>; <c>*</c>: all may read. Default none but this server's own.
    /// </summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>The file of the token that write routes demand; null: <c>operator.token</c> in <see cref="Folder"/>, made at the first start.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: an option is out of its range; the message names it.</exception>
    internal MeshOptions Checked()
    {
        _ = NetworkId.Of(Network);
        foreach (var seed in Seeds)
            _ = PeerAddress.Of(seed);
        if (Address is { } own)
            _ = PeerAddress.Of(own);
        Demand(Trust != TrustMode.Operator || Operators.Count > 0,
            "nobody's prices would be believed: name an operator's key with Mesh:Operators:0, or the providers with Mesh:Trust=allowlist and Mesh:Providers:0, or trust everybody with Mesh:Trust=open");
        Demand(Trust != TrustMode.AllowList || Providers.Count > 0, "an allow list names the id of at least one provider, which is Mesh:Providers:0");
        foreach (var key in Operators)
            Demand(PublicKey.TryParse(key, out _), $"'{key}' in Mesh:Operators is no operator's key: SPKI in Base64 is needed, as 'posthouse mesh certify' prints it");
        Demand(!Provide || Source is not null, "to provide prices it needs a source, which is Mesh:Source:Use");
        Demand(!Provide || Source is not { LacksKey: true }, "its source needs a key: name the file that holds it with Mesh:Source:KeyFile, or the environment variable with Mesh:Source:KeyVariable");
        Demand(!Promotion.Promote || Source is not null, "to stand in for providers, which is Mesh:Promote, it needs a source, which is Mesh:Source:Use");
        Demand(Slots.Interval >= TimeSpan.FromSeconds(1) && Slots.Interval <= TimeSpan.FromHours(1), "the interval between fetches is 1 s to 1 h, which is Mesh:Interval");
        Demand(Slots.MinGrace >= SlotOptions.LeastGrace, "a provider waits half a second at least for the one before it, which is Mesh:Grace");
        Demand(Outbound is >= 1 and <= 64, "it opens 1 to 64 connections");
        Demand(MaxInbound is >= 0 and <= 1_024, "it takes 0 to 1,024 connections");
        Demand(MinPeers >= 0 && MinPeers <= Outbound, "it hurries below a number of connections that it opens itself");
        Demand(Ttl is >= 1 and <= MeshProtocol.MaxTtl, "a message is passed on 1 to 32 times, which is Mesh:Ttl");
        Demand(SeenIds is >= SeenSet.MinIds and <= MaxSeenIds, "it remembers the ids of 10,000 to 1,048,576 messages, which is Mesh:SeenIds");
        // A message that is forgotten while it may still travel would be passed on twice.
        Demand(SeenTime >= MeshProtocol.MaxAge && SeenTime <= TimeSpan.FromHours(1), "it remembers them for 5 minutes, as long as they travel, to an hour, which is Mesh:SeenTime");
        Demand(Prices.StaleAfter >= TimeSpan.FromSeconds(1) && Prices.StaleAfter <= TimeSpan.FromDays(366), "a price goes stale at an age of a second to a year, which is Mesh:StaleAfter");
        Demand(Prices.Aggregation.Discrepancy > 0, "providers differ about a price by more than nothing, which is Mesh:DiscrepancyPercent");
        Demand(Offline.Extended > TimeSpan.Zero, "an outage is a long one after more than nothing, which is Mesh:OfflineAfter");
        return this;
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The price mesh cannot start: {otherwise}.");
    }
}
