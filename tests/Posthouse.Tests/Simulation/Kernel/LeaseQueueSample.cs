namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>A mistake to plant in the sample.</summary>
public enum PlantedBug
{
    None,

    /// <summary>The queue takes the completion of a holder whose lease is lost.</summary>
    ZombieMayFinish,

    /// <summary>The sink applies an effect again when it is asked again.</summary>
    EffectTwice,

    /// <summary>A worker ends its loop when an exchange fails.</summary>
    WorkerGivesUp,
}

/// <summary>
/// A small system to try the kernel on: a queue that leases jobs by its own clock, workers that may crash and stall, and a
/// sink that must apply each job's effect once. It is an example of how a simulation is written.
/// </summary>
internal sealed class LeaseQueueSample
{
    private const int Jobs = 8;
    private const int Workers = 3;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SafetyPhase = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LivenessBound = TimeSpan.FromSeconds(120);

    private readonly Sim _sim;
    private readonly SimFarSide _farSide;
    private readonly PlantedBug _bug;
    private readonly Dictionary<string, Job> _jobs = [];
    private readonly Dictionary<string, int> _effects = [];

    private LeaseQueueSample(Sim sim, PlantedBug bug)
    {
        _sim = sim;
        _bug = bug;
        _farSide = new SimFarSide(sim);
        for (var i = 0; i < Jobs; i++)
            _jobs.Add($"job{i}", new Job());
    }

    public static void Run(Sim sim, PlantedBug bug)
    {
        var sample = new LeaseQueueSample(sim, bug);
        for (var i = 0; i < Workers; i++)
            sim.AddNode($"worker{i}", sample.WorkAsync);
        var chaos = new Chaos(sim, sample._farSide, "queue", "sink");
        sim.Run(SafetyPhase);
        chaos.Heal();
        sim.Check(sim.RunUntil(() => sample._jobs.Values.All(job => job.IsDone), LivenessBound), "jobs are left after all faults are healed");
        sim.Check(sample._effects.Count == Jobs, "a job is done without its effect");
    }

    private async Task WorkAsync(SimNode me)
    {
        while (true)
        {
            try
            {
                if (await _farSide.CallAsync(me, "queue", Claim, Lease) is var (id, epoch) && id.Length > 0)
                {
                    await Task.Delay(_sim.Between(TimeSpan.Zero, Lease / 2), me.Time);
                    await _farSide.CallAsync(me, "sink", () => Apply(id), Lease);
                    await _farSide.CallAsync(me, "queue", () => Finish(id, epoch), Lease);
                }
            }
            catch (Exception e) when (e is HttpRequestException or TimeoutException)
            {
                if (_bug == PlantedBug.WorkerGivesUp)
                    return;
            }

            await Task.Delay(Lease / 10, me.Time);
        }
    }

    private (string Id, int Epoch) Claim()
    {
        foreach (var (id, job) in _jobs)
        {
            if (job.IsDone || job.LeasedUntil > _sim.Now)
                continue;
            if (job.Epoch > 0)
                _sim.Reach("lease taken over");
            job.Epoch++;
            job.LeasedUntil = _sim.Now + Lease;
            _sim.Mark($"{id} leased, epoch {job.Epoch}");
            return (id, job.Epoch);
        }

        return ("", 0);
    }

    private bool Apply(string id)
    {
        var times = _effects.GetValueOrDefault(id);
        if (times > 0)
            _sim.Reach("effect asked for again");
        if (times == 0 || _bug == PlantedBug.EffectTwice)
            _effects[id] = times + 1;
        _sim.Check(_effects[id] == 1, $"the effect of {id} happened twice");
        return true;
    }

    private bool Finish(string id, int epoch)
    {
        var job = _jobs[id];
        if (job.IsDone)
            return true;
        var isHolder = job.Epoch == epoch;
        if (!isHolder && _bug != PlantedBug.ZombieMayFinish)
        {
            _sim.Reach("zombie refused");
            return false;
        }

        _sim.Check(isHolder, $"{id} was finished by a holder that had lost it");
        job.IsDone = true;
        return true;
    }

    private sealed class Job
    {
        public int Epoch { get; set; }

        public TimeSpan LeasedUntil { get; set; } = TimeSpan.MinValue;

        public bool IsDone { get; set; }
    }
}
