using System.Globalization;

namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// The faults of one run and their rates. Each seed draws its own set: runs in which a few kinds are absent reach states
/// that runs with a little of everything never do.
/// </summary>
internal sealed class Swarm
{
    private readonly double[] _rates = new double[Enum.GetValues<Fault>().Length];

    /// <summary>No faults.</summary>
    public static Swarm Calm { get; } = new();

    /// <summary>The rate of one kind; 0 when it is off.</summary>
    public double this[Fault fault] => _rates[(int)fault];

    /// <summary>The kinds that are on.</summary>
    public IEnumerable<Fault> On => Enum.GetValues<Fault>().Where(fault => this[fault] > 0);

    /// <summary>The set of that seed: each kind is on in half of the seeds, at a rate between its bounds.</summary>
    public static Swarm Draw(int seed)
    {
        // A stream of its own: switching a kind off must not shift what the run itself draws from the seed.
        var random = new Random(seed ^ 0x5eed);
        var swarm = new Swarm();
        foreach (var fault in Enum.GetValues<Fault>())
        {
            var (low, high) = Bounds(fault);
            var (isOn, place) = (random.Next(2) == 0, random.NextDouble());
            if (isOn)
                swarm._rates[(int)fault] = low * Math.Pow(high / low, place);
        }

        return swarm;
    }

    /// <summary>The same set with one kind at another rate.</summary>
    public Swarm With(Fault fault, double rate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        var swarm = new Swarm();
        _rates.CopyTo(swarm._rates, 0);
        swarm._rates[(int)fault] = rate;
        return swarm;
    }

    /// <summary>The same set with one kind off.</summary>
    public Swarm Without(Fault fault) => With(fault, 0);

    public override string ToString()
    {
        var on = On.Select(fault => string.Create(CultureInfo.InvariantCulture, $"{fault}={this[fault]:0.####}")).ToArray();
        return on.Length == 0 ? "calm" : string.Join(' ', on);
    }

    // Wide enough that a run may be nearly calm or nearly hopeless; drawn evenly on a logarithmic scale.
    private static (double Low, double High) Bounds(Fault fault) => fault switch
    {
        Fault.RequestLost or Fault.ReplyLost or Fault.RequestTwice => (0.005, 0.3),
        Fault.Straggler => (0.01, 0.1),
        Fault.Crash or Fault.Pause or Fault.Cut or Fault.Outage or Fault.ClockJump => (0.02, 1),
        Fault.StoreBusy => (0.005, 0.2),
        Fault.StoreFull or Fault.StoreError => (0.001, 0.05),
        Fault.CrashBeforeCommit or Fault.CrashAfterCommit => (0.002, 0.05),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "A new kind of fault needs bounds."),
    };
}
