using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Tests.Simulation;

/// <summary>An intent as its caller remembers it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Options">With the id that repeats use.</param>
internal sealed record Intent(SimJob Job, EnqueueOptions Options)
{
    public JobId Id => Options.Id!.Value;
}

/// <summary>What the client knows: what it asked for, what it was told, and what it has to ask again. It survives the client's crashes.</summary>
internal sealed class QueueHistory
{
    /// <summary>Whether the client made this id; the others are of edited jobs.</summary>
    public static bool IsAsked(JobId id) => id.Value.StartsWith("job-", StringComparison.Ordinal);

    /// <summary>Numbers of jobs that are enqueued together begin here, out of the way of the others.</summary>
    public const int FirstOfBatches = 1_000_000;

    /// <summary>How many batches were asked for.</summary>
    public int Batches { get; set; }

    /// <summary>Everything ever asked for, in order.</summary>
    public List<Intent> Asked { get; } = [];

    /// <summary>Asked for, and not yet answered for certain: repeated with the same id until it is.</summary>
    public Queue<Intent> Open { get; } = new();

    /// <summary>Ids under which a job was acknowledged as stored.</summary>
    public HashSet<JobId> Stored { get; } = [];

    /// <summary>The jobs that carry an acknowledged intent, which may be standing ones.</summary>
    public HashSet<JobId> Carriers { get; } = [];

    /// <summary>What a job named in After, for the check that it began behind them.</summary>
    public Dictionary<JobId, IReadOnlyList<JobId>> After { get; } = [];
}
