using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>Draws what the client asks for: moods, keys, lanes, edges, times and priorities.</summary>
internal sealed class QueueIntents(QueueWorld world)
{
    public const string Alpha = "alpha";
    public const string Beta = "beta";

    private Random Random => world.Sim.Random;

    /// <summary>A new intent under a new id.</summary>
    public Intent Fresh()
    {
        var number = world.History.Asked.Count + 1;
        var (mood, to, key) = (Moods(), Random.Next(3) == 0 ? Beta : Alpha, Random.Next(4) == 0 ? $"key{Random.Next(2)}" : null);
        SimJob job = Random.Next(4) switch
        {
            0 => new ReplacedJob(number, mood, to, key),
            1 => new RefusedJob(number, mood, to, key),
            _ => new KeptJob(number, mood, to, key),
        };
        return new Intent(job, Options(number));
    }

    /// <summary>Something asked for before, null when there is nothing yet.</summary>
    public Intent? AnyAsked() => world.History.Asked.Count == 0 ? null : world.History.Asked[Random.Next(world.History.Asked.Count)] is var one
        && !world.Audit.Cleared.Contains(one.Id) ? one : null;

    /// <summary>Three jobs that are to be stored together. Only the middle one can be refused, for its key.</summary>
    public IReadOnlyList<SimJob> Batch()
    {
        var number = QueueHistory.FirstOfBatches + (3 * world.History.Batches++);
        return [new KeptJob(number, Mood.Plain, Alpha, null), new RefusedJob(number + 1, Mood.Plain, Alpha, $"key{Random.Next(2)}"), new KeptJob(number + 2, Mood.Plain, Beta, null)];
    }

    private EnqueueOptions Options(int number) => new()
    {
        Id = JobId.Parse($"job-{number}"),
        Owner = Random.Next(3) == 0 ? "screen" : null,
        Lane = Random.Next(3) == 0 ? $"lane{Random.Next(2)}" : null,
        After = [.. AfterIds()],
        Priority = Random.Next(4) == 0 ? Random.Next(3) : null,
        NotBefore = Random.Next(8) == 0 ? Now + world.Sim.Between(TimeSpan.Zero, QueueJobs.Cap) : null,
        ExpiresAt = Random.Next(8) == 0 ? Now + world.Sim.Between(TimeSpan.Zero, QueueJobs.Cap * 2) : null,
        MaxAttempts = Random.Next(8) == 0 ? 1 + Random.Next(3) : null,
    };

    /// <summary>True time, whatever the wall clock says: an appointment does not move with a wrong clock.</summary>
    private DateTimeOffset Now => SimTime.Start + world.Sim.Now;

    private IEnumerable<JobId> AfterIds()
    {
        var stored = world.History.Asked.Where(intent => world.History.Stored.Contains(intent.Id) && !world.Audit.Cleared.Contains(intent.Id)).ToArray();
        var count = stored.Length > 0 && Random.Next(4) == 0 ? 1 + Random.Next(2) : 0;
        return Enumerable.Range(0, count).Select(_ => stored[^(1 + Random.Next(Math.Min(4, stored.Length)))].Id).Distinct();
    }

    private Mood Moods() => Random.Next(24) switch
    {
        < 3 => Mood.Slow,
        < 5 => Mood.Stubborn,
        5 => Mood.Crashes,
        6 => Mood.Rejected,
        < 9 => Mood.Snoozes,
        < 14 => Mood.Writes,
        _ => Mood.Plain,
    };
}
