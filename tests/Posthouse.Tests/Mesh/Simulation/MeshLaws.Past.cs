using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Simulation;

/// <content>What the laws remember of each node.</content>
internal sealed partial class MeshLaws
{
    /// <summary>What one node told of, in one life.</summary>
    private sealed class Told
    {
        public bool? IsOffline { get; set; }

        public HashSet<NodeId> Alive { get; } = [];

        public HashSet<NodeId> Silenced { get; } = [];
    }

    /// <summary>What one disk's node held, in the last seconds.</summary>
    private sealed class Held
    {
        private readonly Queue<(TimeSpan At, Dictionary<(AssetKey Key, NodeId Provider), PriceVersion> Versions)> _past = new();

        public required SimDisk Disk { get; init; }

        /// <summary>What was on the disk when it was last looked at, and how much had been written.</summary>
        public Dictionary<(AssetKey Key, NodeId Provider), PriceVersion> OnDisk { get; } = [];

        public long Writes { get; set; }

        /// <summary>Readings taken when it was last looked at.</summary>
        public long Merged { get; set; } = -1;

        public Dictionary<(AssetKey Key, NodeId Provider), PriceVersion> Last { get; private set; } = [];

        public Dictionary<(AssetKey Key, NodeId Provider), PriceVersion>? AtRisk { get; set; }

        public void Begin() => (Last, AtRisk, Merged) = (AtRisk ?? [], null, -1);

        public void Note(TimeSpan at, Dictionary<(AssetKey Key, NodeId Provider), PriceVersion> versions)
        {
            Last = versions;
            _past.Enqueue((at, versions));
            while (_past.Count > 4)
                _past.Dequeue();
        }

        public Dictionary<(AssetKey Key, NodeId Provider), PriceVersion>? NotLaterThan(TimeSpan at) =>
            _past.Where(past => past.At <= at).Select(past => past.Versions).LastOrDefault();
    }
}
