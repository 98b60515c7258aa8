namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// Lets the faults that come by themselves happen at the run's rates: crashes, pauses, cuts, outages and clock jumps.
/// The safety phase of a run ends with <see cref="Heal"/>; what follows is the liveness phase.
/// </summary>
internal sealed class Chaos
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    // Longer than the usual lease, so that a paused holder comes back as a zombie.
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromSeconds(5);

    // Whole hours: time-zone mistakes and machines that wake up are off by these, and no lease survives them on a wall clock.
    private static readonly TimeSpan LongestJump = TimeSpan.FromHours(26);

    private readonly Sim _sim;
    private readonly SimFarSide _farSide;
    private readonly string[] _destinations;
    private bool _isHealed;

    /// <param name="sim">Its faults and nodes are used as they are at each beat.</param>
    /// <param name="farSide">Where cuts and outages happen.</param>
    /// <param name="destinations">Names that may be away or cut off; none switches those two kinds off.</param>
    public Chaos(Sim sim, SimFarSide farSide, params string[] destinations)
    {
        _sim = sim;
        _farSide = farSide;
        _destinations = destinations;
        sim.After(Beat, null, OnBeat);
    }

    /// <summary>Ends all faults: none is drawn any more, cuts and outages are gone, absent nodes come back by themselves.</summary>
    public void Heal()
    {
        _isHealed = true;
        _sim.Faults = Swarm.Calm;
        _farSide.HealAll();
    }

    private void OnBeat()
    {
        if (_isHealed)
            return;
        if (Happens(Fault.Crash))
            AnyNode().Crash(Absence());
        if (Happens(Fault.Pause))
            AnyNode().Pause(Absence());
        if (Happens(Fault.ClockJump))
            AnyNode().JumpWallClock(_sim.Between(-LongestJump, LongestJump));
        if (_destinations.Length > 0)
            DisturbNetwork();
        _sim.After(Beat, null, OnBeat);
    }

    private void DisturbNetwork()
    {
        if (Happens(Fault.Outage))
            _farSide.Outage(AnyDestination(), Absence());
        if (!Happens(Fault.Cut))
            return;
        var (from, to) = (AnyNode().Name, AnyDestination());
        if (_sim.Chance(0.5))
            (from, to) = (to, from);
        _farSide.Cut(from, to);
        _sim.After(Absence(), null, () => _farSide.Heal(from, to));
    }

    private bool Happens(Fault fault)
    {
        var happens = _sim.Chance(_sim.Faults[fault] * Beat.TotalSeconds);
        if (happens)
            _sim.Reach("fault " + fault);
        return happens;
    }

    private SimNode AnyNode() => _sim.Nodes[_sim.Random.Next(_sim.Nodes.Count)];

    private string AnyDestination() => _destinations[_sim.Random.Next(_destinations.Length)];

    private TimeSpan Absence() => _sim.Between(TimeSpan.Zero, LongestAbsence);
}
