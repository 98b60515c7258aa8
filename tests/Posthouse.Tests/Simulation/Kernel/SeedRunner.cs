namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// Runs one scenario under many seeds. A scenario builds its nodes in the run it is given, pumps it and checks; it draws
/// everything from the run and keeps nothing between calls.
/// </summary>
internal sealed class SeedRunner(Action<Sim> scenario)
{
    /// <summary>One seed in fifty runs twice and must leave the same trace: 2 %.</summary>
    private const int RerunEvery = 50;

    /// <summary>Runs <paramref name="count"/> seeds and reports; a failing seed does not stop the others.</summary>
    public SeedReport Run(int from, int count)
    {
        var report = new SeedReport();
        for (var seed = from; seed < from + count; seed++)
        {
            using var run = RunSeed(seed);
            report.Add(run);
            if ((seed - from) % RerunEvery == 0)
            {
                using var again = RunSeed(seed);
                report.Compare(run, again);
            }
        }

        return report;
    }

    /// <summary>The first seed of the range that fails, null when none does: how soon a planted bug is found.</summary>
    public int? FirstFailingSeed(int from, int count)
    {
        for (var seed = from; seed < from + count; seed++)
        {
            using var run = RunSeed(seed);
            if (run.Failure is not null)
                return seed;
        }

        return null;
    }

    /// <summary>One seed again with its story: faults, marks, failure.</summary>
    public string Replay(int seed, Swarm? faults = null)
    {
        using var run = RunSeed(seed, faults, keepsText: true);
        return $"""
            seed {seed}: {faults ?? Swarm.Draw(seed)}
            {string.Join('\n', run.TraceText)}
            {run.Failure?.ToString() ?? "no failure"}
            """;
    }

    /// <summary>The fewest kinds of fault under which a failing seed still fails, taking kinds away one by one.</summary>
    public Swarm Shrink(int seed)
    {
        var needed = Swarm.Draw(seed);
        foreach (var fault in needed.On.ToArray())
        {
            using var run = RunSeed(seed, needed.Without(fault));
            if (run.Failure is not null)
                needed = needed.Without(fault);
        }

        return needed;
    }

    private Sim RunSeed(int seed, Swarm? faults = null, bool keepsText = false)
    {
        var run = new Sim(seed, keepsText) { Faults = faults ?? Swarm.Draw(seed) };
        try
        {
            scenario(run);
        }
        catch (SimulationFailure)
        {
            // The run keeps it.
        }
        catch (Exception e)
        {
            run.Fail($"the scenario threw {e.GetType().Name}: {e.Message}", e);
        }

        // Files of a run are free before the next one begins.
        run.Dispose();
        return run;
    }
}
