namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>The first thing that went wrong in a simulated run, with the seed that shows it again.</summary>
internal sealed class SimulationFailure : Exception
{
    /// <summary>How a message begins when code under simulation left the simulated thread.</summary>
    public const string Nondeterminism = "NONDETERMINISM";

    public SimulationFailure(int seed, TimeSpan at, string broken, Exception? inner = null)
        : base($"{broken} [seed {seed}, virtual time {at}]", inner)
    {
        Seed = seed;
        Broken = broken;
    }

    /// <summary>The seed to replay.</summary>
    public int Seed { get; }

    /// <summary>The broken rule alone, without seed and time.</summary>
    public string Broken { get; }
}

/// <summary>
/// Unwinds a node that died in the middle of synchronous code. The kernel swallows it, like every other exception
/// of a dead incarnation.
/// </summary>
internal sealed class NodeCrashed(string node) : Exception($"{node} crashed here");
