using Posthouse.Storage.Commit;

namespace Posthouse.Mesh.Hosting;

/// <summary>
/// Calls a loop's turns on the thread pool, one at a time. The thread that read a frame runs the engine next, with the frame still in its
/// cache; a thread of the loop's own would have to be woken for each frame, which costs more than the frame. No turn waits for anything.
/// </summary>
internal sealed class PoolDriver : ILoopDriver, IThreadPoolWorkItem
{
    private readonly Lock _running = new();
    private readonly Func<bool> _turn;
    private bool _stopped;
    private int _signals;

    private PoolDriver(Func<bool> turn) => _turn = turn;

    /// <summary>Makes a driver; nothing runs before its first signal.</summary>
    public static ILoopDriver Start(string name, Func<bool> turn) => new PoolDriver(turn);

    /// <inheritdoc/>
    public void Signal()
    {
        if (Interlocked.Increment(ref _signals) == 1)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>Runs a turn; more wait behind all else that the pool has to do, so that a busy engine leaves room for its own sockets.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        var seen = Volatile.Read(ref _signals);
        if (TakeTurn() || Interlocked.CompareExchange(ref _signals, 0, seen) != seen)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Runs what still waits, then ends.</summary>
    public void Dispose()
    {
        lock (_running)
        {
            while (!_stopped && _turn())
            {
                // Until nothing waits.
            }

            _stopped = true;
        }
    }

    private bool TakeTurn()
    {
        lock (_running)
            return !_stopped && _turn();
    }
}
