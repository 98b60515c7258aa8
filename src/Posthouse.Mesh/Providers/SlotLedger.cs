using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>A slot that was one provider's own, when it is over.</summary>
/// <param name="Provider">Whose.</param>
/// <param name="Served">Whether its prices came before a backup's turn.</param>
internal readonly record struct SlotResult(NodeId Provider, bool Served);

/// <summary>Who was to serve the present slot, and who did. Kept by every node, provider or not: this is where health comes from.</summary>
internal sealed class SlotLedger
{
    private readonly List<NodeId> _due = [];
    private readonly List<NodeId> _served = [];
    private readonly HashSet<NodeId> _inTime = [];
    private DateTimeOffset _deadline;

    /// <summary>The slot.</summary>
    public ulong Slot { get; private set; }

    /// <summary>Providers whose valid prices of this slot were seen, this node included.</summary>
    public int Served => _served.Count;

    /// <summary>Turns to the next slot.</summary>
    /// <param name="slot">Its number.</param>
    /// <param name="sorted">The candidates as <see cref="Rendezvous.Sort"/> left them.</param>
    /// <param name="redundancy">How many of them are to fetch at once.</param>
    /// <param name="deadline">When a backup's turn comes.</param>
    /// <param name="results">Takes what became of the slot before; nothing where slots were left out, for then this node did not watch.</param>
    public void Begin(ulong slot, List<SlotCandidate> sorted, int redundancy, DateTimeOffset deadline, List<SlotResult> results)
    {
        if (slot == Slot + 1)
        {
            foreach (var provider in _due)
            {
                results.Add(new(provider, _inTime.Contains(provider)));
            }
        }

        (Slot, _deadline) = (slot, deadline);
        _due.Clear();
        _served.Clear();
        _inTime.Clear();
        for (var rank = 0; rank < redundancy; rank++)
        {
            _due.Add(sorted[rank].Id);
        }
    }

    /// <summary>Valid prices of a slot were seen. Those of another slot than the present one say nothing about it.</summary>
    public void OnUpdate(NodeId provider, ulong slot, DateTimeOffset now)
    {
        if (slot != Slot)
        {
            return;
        }

        if (!_served.Contains(provider))
        {
            _served.Add(provider);
        }

        if (now <= _deadline)
        {
            _inTime.Add(provider);
        }
    }
}
