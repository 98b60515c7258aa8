using Posthouse.Storage;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>Counts what only the dispatcher sees: settlements that came too late, and destinations that got no job.</summary>
internal sealed class WatchedStore(IJobStore inner, Sim sim) : PassingStore(inner)
{
    public override Task<IReadOnlyList<LeasedJob>> ClaimAsync(ClaimRequest request) => base.ClaimAsync(request with
    {
        Room = destination =>
        {
            var room = request.Room(destination);
            if (room <= 1)
                sim.Reach(room <= 0 ? "destination offline" : "destination probed");
            return room;
        },
    });

    public override async Task<bool> SettleAsync(Lease lease, Settlement settlement)
    {
        var ours = await base.SettleAsync(lease, settlement);
        if (!ours)
            sim.Reach("stale settlement refused");
        return ours;
    }
}
