namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// One simulated run: one thread, one heap of events, one source of chance. Everything that happens is an event ordered by
/// (virtual time, seeded tie-break, sequence): the tie-break explores interleavings, the sequence keeps the order total.
/// Nodes run on synchronization contexts that post back into this heap, so ordinary async code runs here unchanged.
/// </summary>
/// <remarks>Every member belongs to the thread that made the run; use from another one fails the run as nondeterministic.</remarks>
internal sealed class Sim : IDisposable
{
    // No incarnation has it, so what awaits under it never continues.
    private const int NoIncarnation = -1;

    private readonly PriorityQueue<Turn, Place> _heap = new();
    private readonly List<SimNode> _nodes = [];
    private readonly SortedDictionary<string, long> _reached = new(StringComparer.Ordinal);
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly SimContext _outside;
    private readonly SimTrace _trace;
    private readonly Random _random;
    private SimulationFailure? _failure;
    private SimNode? _running;
    private long _now;
    private long _sequence;

    /// <param name="seed">Decides the whole run.</param>
    /// <param name="keepsText">Whether <see cref="TraceText"/> is filled, for the replay of one seed.</param>
    public Sim(int seed, bool keepsText = false)
    {
        Seed = seed;
        _random = new Random(seed);
        _trace = new SimTrace(keepsText);
        _outside = new SimContext(this, null, 0);
    }

    public int Seed { get; }

    /// <summary>The faults of this run and their rates. Set it to <see cref="Swarm.Calm"/> to heal.</summary>
    public Swarm Faults { get; set; } = Swarm.Calm;

    /// <summary>The run's only source of chance.</summary>
    public Random Random
    {
        get
        {
            DemandThread();
            return _random;
        }
    }

    /// <summary>Virtual time since the start of the run.</summary>
    public TimeSpan Now
    {
        get
        {
            DemandThread();
            return TimeSpan.FromTicks(_now);
        }
    }

    public ulong Hash => _trace.Hash;

    public IReadOnlyList<string> TraceText => _trace.Lines;

    /// <summary>Events taken from the heap so far.</summary>
    public long Events { get; private set; }

    public IReadOnlyList<SimNode> Nodes => _nodes;

    /// <summary>How often each named "sometimes" event happened.</summary>
    public IReadOnlyDictionary<string, long> Reached => _reached;

    /// <summary>The first failure, null while all is well.</summary>
    public SimulationFailure? Failure => Volatile.Read(ref _failure);

    /// <summary>Adds a node and boots it now; <paramref name="main"/> runs again at every boot.</summary>
    public SimNode AddNode(string name, Func<SimNode, Task> main)
    {
        DemandThread();
        var node = new SimNode(this, _nodes.Count, name, main);
        _nodes.Add(node);
        node.Boot();
        return node;
    }

    /// <summary>Schedules <paramref name="action"/> on a node's present incarnation, or outside all nodes when null.</summary>
    /// <param name="time">Virtual time; the past means now.</param>
    /// <param name="node">Whose event it is: it vanishes in a crash and waits in a pause.</param>
    /// <param name="action">Runs to its first await in one event.</param>
    public void At(TimeSpan time, SimNode? node, Action action) => Enqueue(time.Ticks, node, node?.Incarnation ?? 0, action);

    /// <summary>As <see cref="At"/>, counted from now.</summary>
    public void After(TimeSpan delay, SimNode? node, Action action) => At(Now + delay, node, action);

    /// <summary>Runs all events up to and including <paramref name="until"/>, and leaves the clock there.</summary>
    /// <exception cref="SimulationFailure">A check failed, a node died of an exception, or the thread was left.</exception>
    public void Run(TimeSpan until) => Pump(until.Ticks, null);

    /// <summary>Runs until <paramref name="condition"/> holds; false when <paramref name="within"/> passed first.</summary>
    /// <param name="condition">Asked before the first and after every event.</param>
    /// <param name="within">The most virtual time to spend, from now.</param>
    /// <exception cref="SimulationFailure">As <see cref="Run"/>.</exception>
    public bool RunUntil(Func<bool> condition, TimeSpan within) => Pump(_now + within.Ticks, condition);

    /// <summary>Records and throws the run's failure unless <paramref name="holds"/>.</summary>
    /// <remarks>The run fails even when the code that called this catches the exception.</remarks>
    public void Check(bool holds, string rule)
    {
        DemandThread();
        if (!holds)
            throw Fail(rule);
    }

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => probability > 0 && Random.NextDouble() < probability;

    /// <summary>True at the rate this run's <see cref="Faults"/> give to <paramref name="fault"/>; a true one is counted as reached.</summary>
    public bool Chance(Fault fault)
    {
        if (!Chance(Faults[fault]))
            return false;
        Reach("fault " + fault);
        return true;
    }

    /// <summary>A length of time in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public TimeSpan Between(TimeSpan from, TimeSpan to) => TimeSpan.FromTicks(Random.NextInt64(from.Ticks, Math.Max(to.Ticks, from.Ticks + 1)));

    /// <summary>Counts an event that must happen sometimes, else the runs were too tame.</summary>
    public void Reach(string name)
    {
        DemandThread();
        _reached[name] = _reached.GetValueOrDefault(name) + 1;
    }

    /// <summary>Adds a line to the trace: to its hash always, to its text when that is kept.</summary>
    public void Mark(string text)
    {
        DemandThread();
        _trace.Mark(TimeSpan.FromTicks(_now), _running?.Name ?? "-", text);
    }

    /// <summary>Stops every node, so that what their crash hooks hold is let go.</summary>
    public void Dispose()
    {
        foreach (var node in _nodes)
            node.Halt();
    }

    internal void Enqueue(long due, SimNode? node, int incarnation, Action action)
    {
        DemandThread();
        _heap.Enqueue(new Turn(node, incarnation, action), new Place(Math.Max(due, _now), _random.Next(), ++_sequence));
    }

    /// <summary>Takes the running code off its context after its node died, so that nothing of it continues inline.</summary>
    internal void Abandon(SimNode node)
    {
        if (_running == node)
            SynchronizationContext.SetSynchronizationContext(new SimContext(this, node, NoIncarnation));
    }

    internal SimulationFailure Fail(string rule, Exception? inner = null)
    {
        var failure = new SimulationFailure(Seed, TimeSpan.FromTicks(_now), rule, inner);
        return Interlocked.CompareExchange(ref _failure, failure, null) ?? failure;
    }

    internal bool IsOnThread => Environment.CurrentManagedThreadId == _thread;

    internal void DemandThread()
    {
        if (!IsOnThread)
            throw FailOffThread("the simulation was used");
    }

    internal SimulationFailure FailOffThread(string what) => Fail($"{SimulationFailure.Nondeterminism}: {what} off the simulated thread");

    private bool Pump(long until, Func<bool>? condition)
    {
        DemandThread();
        var outer = SynchronizationContext.Current;
        var flow = ExecutionContext.Capture();
        try
        {
            while (true)
            {
                SynchronizationContext.SetSynchronizationContext(_outside);
                if (Failure is { } failure)
                    throw failure;
                if (condition?.Invoke() == true)
                    return true;
                if (!_heap.TryPeek(out _, out var place) || place.Due > until)
                    break;
                Step();
                // An event must not leave its async-locals to the next one.
                if (flow is not null)
                    ExecutionContext.Restore(flow);
            }

            _now = Math.Max(_now, until);
            return false;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private void Step()
    {
        _heap.TryDequeue(out var turn, out var place);
        var (node, incarnation, action) = turn;
        _now = place.Due;
        Events++;
        _trace.Mix(_now);
        _trace.Mix(node?.Id ?? -1);
        if (node is not null && !node.IsAlive(incarnation))
            return;
        if (node?.PausedUntil.Ticks > _now)
        {
            Enqueue(node.PausedUntil.Ticks, node, incarnation, action);
            return;
        }

        _running = node;
        SynchronizationContext.SetSynchronizationContext(node?.Context ?? _outside);
        try
        {
            action();
        }
        catch (Exception e)
        {
            // What a dead incarnation still throws while it unwinds happens to nobody.
            if (node is null || node.IsAlive(incarnation))
                Fail($"{node?.Name ?? "outside"}: unhandled {e.GetType().Name}: {e.Message}", e);
        }
        finally
        {
            _running = null;
        }
    }
}
