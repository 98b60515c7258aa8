using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>The node that dispatches: opens, joins, runs, is stopped now and then as a deployment would, and begins anew.</summary>
internal sealed class QueueWorker(QueueWorld world)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Whether it is not stopped any more.</summary>
    public bool IsSteady { get; set; }

    public async Task RunAsync(SimNode node)
    {
        while (true)
        {
            var store = world.Open(node);
            var stop = new CancellationTokenSource();
            var dispatcher = world.Dispatcher(node, world.Bug.Around(store, node, world));
            try
            {
                await dispatcher.JoinAsync();
                StopOnce(node, stop);
                await dispatcher.RunAsync(stop.Token);
                world.Sim.Reach("dispatcher stopped");
            }
            catch (PosthouseException e) when (e.IsTransient)
            {
                // A process that cannot join or leave ends; its leases are then taken over.
                world.Sim.Reach($"dispatcher ended: {e.Code}");
                world.Sim.Mark($"dispatcher ended: {e.Code}");
            }

            world.Closed(node);
            await store.DisposeAsync();
            await Task.Delay(world.Sim.Between(TimeSpan.Zero, Shortest), node.Time);
        }
    }

    private void StopOnce(SimNode node, CancellationTokenSource stop)
    {
        if (!IsSteady && world.Sim.Chance(0.5))
            world.Sim.After(world.Sim.Between(Shortest, Longest), node, () => Stop(stop));
    }

    private void Stop(CancellationTokenSource stop)
    {
        if (!IsSteady)
            stop.Cancel();
    }
}
