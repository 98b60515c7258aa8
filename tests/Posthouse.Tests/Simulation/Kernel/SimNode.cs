namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// A process of the simulated world. Its main starts again at every boot with a new incarnation, context, clock and ids;
/// what should survive a crash lives outside it, in a file or in the far side.
/// </summary>
internal sealed class SimNode
{
    private readonly Func<SimNode, Task> _main;
    private readonly Stack<Action> _crashHooks = new();
    private bool _isHalted;

    internal SimNode(Sim sim, int id, string name, Func<SimNode, Task> main)
    {
        Sim = sim;
        Id = id;
        Name = name;
        _main = main;
        Context = new SimContext(sim, this, Incarnation);
        Time = new SimTime(this);
        Ids = new SimIds(id);
    }

    public Sim Sim { get; }

    public int Id { get; }

    public string Name { get; }

    /// <summary>Counts crashes: what was started under another number is dead.</summary>
    public int Incarnation { get; private set; }

    public bool IsUp { get; private set; }

    /// <summary>Virtual time before which nothing of this node runs.</summary>
    public TimeSpan PausedUntil { get; private set; }

    /// <summary>Wall clock minus true time.</summary>
    public TimeSpan WallClockSkew { get; private set; }

    /// <summary>The clocks of the present incarnation; its timers die with it.</summary>
    public SimTime Time { get; private set; }

    /// <summary>The ids of the present incarnation.</summary>
    public SimIds Ids { get; private set; }

    internal SimContext Context { get; private set; }

    /// <summary>Whether that incarnation is the running one.</summary>
    public bool IsAlive(int incarnation) => IsUp && Incarnation == incarnation;

    /// <summary>
    /// Runs <paramref name="hook"/> once when the present incarnation dies or the run ends, last one first: closes what an
    /// operating system would close, such as file handles. It must not finish work that a crash would leave undone.
    /// </summary>
    public void OnCrash(Action hook) => _crashHooks.Push(hook);

    /// <summary>Ends the incarnation now and boots the next after <paramref name="downFor"/>. A node that is down stays as it is.</summary>
    /// <remarks>Called by the node's own code, what follows the call still runs up to its next await: see <see cref="Die"/>.</remarks>
    public void Crash(TimeSpan downFor)
    {
        if (!IsUp)
            return;
        Sim.Mark($"crash of {Name}, down for {downFor}");
        End();
        Sim.After(downFor, null, Boot);
    }

    /// <summary>Dies inside synchronous code: crashes, then throws so that the caller does not go on.</summary>
    /// <remarks>
    /// Catch and finally blocks on the way out do run, as they would not in a real crash. They harm nothing when
    /// <see cref="OnCrash"/> hooks have closed the store. Asynchronous code has <see cref="DieAsync"/>, which runs none.
    /// </remarks>
    /// <exception cref="NodeCrashed">Always.</exception>
    public void Die(TimeSpan downFor)
    {
        Crash(downFor);
        throw new NodeCrashed(Name);
    }

    /// <summary>Dies at this await: nothing after it runs, not even a finally block.</summary>
    public Task DieAsync(TimeSpan downFor)
    {
        Crash(downFor);
        return new TaskCompletionSource().Task;
    }

    /// <summary>Delays everything of this node, as a stopped process or a long collection does; nothing is lost.</summary>
    public void Pause(TimeSpan length)
    {
        var until = Sim.Now + length;
        if (!IsUp || until <= PausedUntil)
            return;
        Sim.Mark($"pause of {Name} for {length}");
        PausedUntil = until;
    }

    /// <summary>Steps the wall clock by <paramref name="by"/>; timers and the monotonic clock do not notice.</summary>
    public void JumpWallClock(TimeSpan by)
    {
        Sim.Mark($"wall clock of {Name} jumps by {by}");
        WallClockSkew += by;
    }

    /// <summary>Ends the node for good.</summary>
    public void Halt()
    {
        _isHalted = true;
        if (IsUp)
            End();
    }

    internal void Boot()
    {
        if (_isHalted)
            return;
        IsUp = true;
        PausedUntil = default;
        Context = new SimContext(Sim, this, Incarnation);
        Time = new SimTime(this);
        Ids = new SimIds(Sim.Random.Next());
        Sim.After(TimeSpan.Zero, this, () => _ = RunMainAsync(Incarnation));
    }

    private async Task RunMainAsync(int incarnation)
    {
        try
        {
            await _main(this);
        }
        catch (Exception e) when (IsAlive(incarnation))
        {
            Sim.Fail($"{Name}: main ended with {e.GetType().Name}: {e.Message}", e);
        }
    }

    private void End()
    {
        IsUp = false;
        Incarnation++;
        Sim.Abandon(this);
        while (_crashHooks.TryPop(out var hook))
            hook();
    }
}
