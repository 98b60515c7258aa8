namespace Posthouse.Mesh.Providers;

/// <summary>When providers fetch, and how many of them.</summary>
public sealed record SlotOptions
{
    /// <summary>The length of a slot: time between two fetches of the mesh. Default 30 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What a fetch and its way to the others take at least: who waits less asks its vendor in vain.</summary>
    internal static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(0.5);

    /// <summary>The least time that a backup waits for the one before it, at least 0.5 s; of more than a quarter of <see cref="Interval"/> a quarter is taken. Default 1.5 s.</summary>
    public TimeSpan MinGrace { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Providers that fetch in every slot. Default 1: the mesh costs its vendors one round, however large it is.</summary>
    public int Redundancy { get; init; } = 1;

    /// <summary>Every how many slots several fetch, so that they can be compared. Default 20, ten minutes; 0: never.</summary>
    public int CrossCheckEvery { get; init; } = 20;

    /// <summary>Providers that fetch in such a slot, or where a reading is in doubt. Default 3: the fewest among which one can be the odd one.</summary>
    public int CrossCheckRedundancy { get; init; } = 3;

    /// <summary>The time at the beginning of a slot over which fetches are spread. Default 200 ms: vendors are not met by all meshes at the full half minute.</summary>
    public TimeSpan Spread { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits before the tries that follow a failed one in a slot, each ±20 %. Default 0.5, 1 and 2 s; all tries begin in the slot's first half.</summary>
    public IReadOnlyList<TimeSpan> Retries { get; init; } = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];
}
