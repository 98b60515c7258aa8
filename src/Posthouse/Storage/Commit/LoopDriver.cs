namespace Posthouse.Storage.Commit;

/// <summary>What calls a loop's turns: a thread in a process, the kernel's heap in a simulation.</summary>
internal interface ILoopDriver : IDisposable
{
    /// <summary>There is something to do. Any thread.</summary>
    void Signal();
}

/// <summary>Makes a driver for a loop; the function runs one turn and says whether more waits.</summary>
internal delegate ILoopDriver LoopDriverFactory(string name, Func<bool> turn);

/// <summary>A thread of its own for a loop, because a turn waits for the disk.</summary>
internal sealed class LoopThread : ILoopDriver
{
    // Spins a little before it sleeps: the next operation of a lone caller comes within microseconds of the last answer.
    private readonly ManualResetEventSlim _signal = new(false);
    private readonly Func<bool> _turn;
    private readonly Thread _thread;
    private volatile bool _stopped;

    private LoopThread(string name, Func<bool> turn)
    {
        _turn = turn;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Starts a thread for a loop.</summary>
    public static ILoopDriver Start(string name, Func<bool> turn) => new LoopThread(name, turn);

    public void Signal() => _signal.Set();

    /// <summary>Runs what still waits, then ends the thread.</summary>
    public void Dispose()
    {
        _stopped = true;
        _signal.Set();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        while (!_stopped)
        {
            _signal.Wait();
            _signal.Reset();
            while (_turn())
            {
            }
        }

        _signal.Dispose();
    }
}
