namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// Where the awaits of one incarnation of a node continue: as events of the heap. Once the incarnation is dead, whatever
/// is posted here vanishes, which is what makes a crash end every pending await at its await point.
/// </summary>
internal sealed class SimContext(Sim sim, SimNode? node, int incarnation) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!sim.IsOnThread)
        {
            // Recorded, not thrown: an exception on a pool thread would end the test process before the seed is printed.
            sim.FailOffThread("an await was continued");
            return;
        }

        if (node is null || node.IsAlive(incarnation))
            sim.Enqueue(0, node, incarnation, () => d(state));
    }

    /// <summary>Runs at once under this context: on one thread nothing else can be running. A dead incarnation runs nothing.</summary>
    public override void Send(SendOrPostCallback d, object? state)
    {
        sim.DemandThread();
        if (node is not null && !node.IsAlive(incarnation))
            return;
        var caller = Current;
        SetSynchronizationContext(this);
        try
        {
            d(state);
        }
        finally
        {
            SetSynchronizationContext(caller);
        }
    }

    public override SynchronizationContext CreateCopy() => this;
}
