using Posthouse.Storage;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>A mistake that is planted around the product, never in it: in the text of its statements, under its commits, around its store.</summary>
internal sealed record PlantedBug(string Name)
{
    public static readonly PlantedBug None = new("none");

    /// <summary>Changes the text of statements.</summary>
    public Func<string, string>? Rewrite { get; init; }

    /// <summary>Some commits say that they succeeded, and nothing is on disk.</summary>
    public bool CommitsNothing { get; init; }

    /// <summary>What a recovery adds to the last turn: +1 says that an undone commit was done, -1 that a done one was undone.</summary>
    public int RecoveryLie { get; init; }

    /// <summary>The handler calls again when it failed, under the same lease.</summary>
    public bool HandlerTriesTwice { get; init; }

    /// <summary>Puts something between the engines and their store.</summary>
    public Func<IJobStore, SimNode, QueueWorld, IJobStore> Around { get; init; } = (store, _, _) => store;

    public override string ToString() => Name;

    /// <summary>A mistake in the text of a statement.</summary>
    public static PlantedBug Sql(string name, params (string Find, string Put)[] changes) => new(name)
    {
        Rewrite = sql => changes.Aggregate(sql, (text, change) => text.Replace(change.Find, change.Put, StringComparison.Ordinal)),
    };
}
