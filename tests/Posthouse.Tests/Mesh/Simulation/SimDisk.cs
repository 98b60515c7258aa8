using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>What a node has on its disk.</summary>
internal sealed class SimDisk
{
    public uint Epoch { get; set; }

    public NetworkMemory Memory { get; } = new();

    public IReadOnlyList<KnownAddress> Addresses { get; set; } = [];

    public Dictionary<(AssetKey Key, NodeId Provider), (PriceVersion Version, ReadOnlyMemory<byte> Signed)> Prices { get; } = [];

    /// <summary>Counts what was written.</summary>
    public long Writes { get; private set; }

    /// <summary>Writes all that is newer than what is written.</summary>
    public void Write(PriceMap map)
    {
        foreach (var key in map.Keys)
        {
            foreach (var held in map.ReadingsOf(key))
            {
                if (!Prices.TryGetValue((key, held.Provider), out var written) || written.Version.CompareTo(held.Version) < 0)
                    Overwrite(held);
            }
        }
    }

    /// <summary>Writes one reading over whatever is written.</summary>
    public void Overwrite(HeldPrice held)
    {
        Prices[(held.Key, held.Provider)] = (held.Version, held.Signed);
        Writes++;
    }
}
