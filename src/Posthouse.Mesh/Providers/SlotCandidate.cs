using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>A provider among which slots are shared out.</summary>
/// <param name="Id">Who.</param>
/// <param name="Weight">Its share of slots relative to others', 0 (none) to 64.</param>
/// <param name="IsDegraded">Whether it delivers nothing now, so that it has no rank.</param>
internal readonly record struct SlotCandidate(NodeId Id, int Weight, bool IsDegraded)
{
    private const int BudgetStep = 63; // sixteen steps
    private const int HealthSteps = 4;

    /// <summary>
    /// The weight that follows from what is left of a provider's budget, in thousandths, and its health, 0 to 100. Both in few steps: nodes know
    /// slightly different healths, and where their weights differ their ranks may, which costs a fetch too many or a grace.
    /// </summary>
    public static int WeightOf(int budget, double health) =>
        (budget + BudgetStep - 1) / BudgetStep * Math.Clamp((int)(health / 25) + 1, 1, HealthSteps);

    /// <summary>
    /// Lists the providers that can serve a slot of a group, by what their beacons and this node's experience say; this node aside. One that
    /// has just come and sent no beacon yet may be of any group, and is listed in each: waiting a grace for it costs less than asking a vendor twice.
    /// </summary>
    public static void List(IEnumerable<ProviderRecord> known, ulong slot, ulong group, Moment now, List<SlotCandidate> found)
    {
        foreach (var record in known)
        {
            if (record.IsAlive && record.MayBeOf(group, now.Steady) && record.HeldUntil is null && (record.Beacon?.NextSlot ?? 0) <= slot)
            {
                // Nobody is believed to be healthier than it was found to be.
                var (budget, health) = record.Beacon is { } beacon ? (beacon.Budget, beacon.Health) : (MeshProtocol.MaxPermille, MeshProtocol.MaxHealth);
                found.Add(new(record.Id, WeightOf(budget, Math.Min(health, record.Health.Score(now.Wall))), record.IsDegraded));
            }
        }
    }
}
