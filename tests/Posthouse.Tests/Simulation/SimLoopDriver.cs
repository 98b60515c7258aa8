using Posthouse.Storage.Commit;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>
/// Calls a loop's turns as events of its node: a signal is followed by one turn, after the time that a disk takes. Disposed
/// of, it runs nothing any more, as a dead process would not.
/// </summary>
internal sealed class SimLoopDriver(SimNode node, Func<bool> turn) : ILoopDriver
{
    // A flush takes a tenth of a millisecond to five; one in fifty waits for something else on the disk.
    private const double Slow = 0.02;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(0.1);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestSlow = TimeSpan.FromMilliseconds(400);

    private bool _scheduled;
    private bool _disposed;

    public void Signal()
    {
        if (_scheduled || _disposed)
            return;
        _scheduled = true;
        node.Sim.After(node.Sim.Between(Shortest, node.Sim.Chance(Slow) ? LongestSlow : Longest), node, Run);
    }

    public void Dispose() => _disposed = true;

    private void Run()
    {
        _scheduled = false;
        if (!_disposed && turn())
            Signal();
    }
}
