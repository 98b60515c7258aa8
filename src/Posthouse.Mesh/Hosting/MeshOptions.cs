using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>A node of the price mesh.</summary>
public sealed record MeshOptions
{
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

    /// <summary>Web origins whose pages may read prices and open WebSockets, such as <c>https://example.org</c>; <c>*</c>: all. Default none but this server's own.</summary>
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
            "nobody's prices would be believed: name an operator's key, or the providers with an allow list, or trust everybody with open");
        Demand(Trust != TrustMode.AllowList || Providers.Count > 0, "an allow list names the ids of at least one provider");
        foreach (var key in Operators)
            Demand(PublicKey.TryParse(key, out _), $"'{key}' is no operator's key: SPKI in Base64 is needed");
        Demand(!Provide || Source is not null, "to provide prices it needs a source");
        Demand(!Provide || Source is not { LacksKey: true }, "its source needs a key: name a file or an environment variable that holds it");
        Demand(Slots.Interval >= TimeSpan.FromSeconds(1) && Slots.Interval <= TimeSpan.FromHours(1), "the interval between fetches is 1 s to 1 h");
        Demand(Outbound is >= 1 and <= 64, "it opens 1 to 64 connections");
        Demand(MaxInbound is >= 0 and <= 1_024, "it takes 0 to 1,024 connections");
        Demand(MinPeers >= 0 && MinPeers <= Outbound, "it hurries below a number of connections that it opens itself");
        Demand(Offline.Extended > TimeSpan.Zero, "an outage is a long one after more than nothing");
        return this;
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The price mesh cannot start: {otherwise}.");
    }
}
