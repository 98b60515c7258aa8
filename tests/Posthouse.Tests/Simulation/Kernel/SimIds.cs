using Posthouse.Jobs;

namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>Ids, jitter and nonces from a seed.</summary>
internal sealed class SimIds(int seed) : IIds
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
}
