using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>What became of a provider's part in a slot that is over.</summary>
/// <param name="Provider">Whose.</param>
/// <param name="Served">Whether prices of it came before a backup's turn.</param>
/// <param name="WasDue">Whether the slot was its own.</param>
internal readonly record struct SlotResult(NodeId Provider, bool Served, bool WasDue);

/// <summary>
/// Who was to serve the present slot in each group of assets, and who did. Kept by every node, provider or not: this is where health comes
/// from. Any price counts here, for only the members of a group know all that it reads, and nodes that judge alike rank alike.
/// </summary>
internal sealed class SlotLedger
{
    private readonly List<NodeId> _due = [];
    private readonly HashSet<NodeId> _inTime = [];
    private DateTimeOffset _deadline;

    /// <summary>The slot.</summary>
    public ulong Slot { get; private set; }

    /// <summary>Turns to the next slot, in which nobody is due yet.</summary>
    /// <param name="slot">Its number.</param>
    /// <param name="deadline">When a backup's turn comes.</param>
    /// <param name="results">Takes what became of the slot before; nothing where slots were left out, for then this node did not watch.</param>
    public void Begin(ulong slot, DateTimeOffset deadline, List<SlotResult> results)
    {
        if (slot == Slot + 1)
        {
            foreach (var provider in _due)
            {
                results.Add(new(provider, _inTime.Remove(provider), WasDue: true));
            }

            foreach (var provider in _inTime)
            {
                results.Add(new(provider, Served: true, WasDue: false));
            }
        }

        (Slot, _deadline) = (slot, deadline);
        _due.Clear();
        _inTime.Clear();
    }

    /// <summary>One is to fetch at once in this slot.</summary>
    public void Expect(NodeId provider) => _due.Add(provider);

    /// <summary>Valid prices of a slot were seen. Those of another slot than the present one say nothing about it.</summary>
    public void OnUpdate(NodeId provider, ulong slot, DateTimeOffset now)
    {
        if (slot == Slot && now <= _deadline)
        {
            _inTime.Add(provider);
        }
    }
}
