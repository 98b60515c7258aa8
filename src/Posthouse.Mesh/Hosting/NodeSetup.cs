using Posthouse.Jobs;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>Hands what a node was configured with to its engine.</summary>
internal static class NodeSetup
{
    /// <summary>All that the engine is made of.</summary>
    public static GossipSetup Of(NodeParts parts, EngineMemory memory, MeshOptions options, IIds ids, string agent) => new()
    {
        Key = parts.Key,
        Network = NetworkId.Of(options.Network),
        Epoch = parts.Epoch,
        Signatures = new EcdsaSignatures(),
        Trust = parts.Trust(),
        Certificate = options.CertificateFile is { } file ? CertificateText.Read(file, parts.Key.Public) : null,
        // Where everybody is believed those that were kept before count no more.
        KeyChanges = [.. new NodeKeys(options.Folder).Succession().Concat(options.Trust == TrustMode.Open ? [] : memory.KeyChanges).Select(change => change.Envelope.Frame)],
        Ids = ids,
        Port = new NodePort(parts, options.Trust == TrustMode.Open ? null : memory),
        Memory = memory,
        Address = options.Address is { } own ? PeerAddress.Of(own) : "",
        Agent = agent,
        Seeds = [.. options.Seeds.Select(PeerAddress.Of)],
        Gossip = new GossipOptions
        {
            Outbound = options.Outbound,
            MaxInbound = options.MaxInbound,
            MinPeers = options.MinPeers,
            Ttl = (byte)options.Ttl,
            SeenIds = options.SeenIds,
            SeenTime = options.SeenTime,
        },
        Scores = options.Trust == TrustMode.Open ? ScoreRules.Default : ScoreRules.OfKnownProviders,
        Offline = options.Offline,
        Prices = options.Prices,
        Slots = options.Slots,
        Promotion = options.Promotion,
        Budget = options.Source?.Quota ?? new(),
        Used = memory.Used,
        Known = memory.Addresses,
    };
}
