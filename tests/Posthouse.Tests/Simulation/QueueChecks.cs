using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>What must hold of the file as a whole, at any moment and at the end. It is read by a connection of its own.</summary>
internal sealed class QueueChecks(QueueWorld world)
{
    // The longest sleep of a store's clock watch, and a little.
    private static readonly TimeSpan ClockNoticed = TimeSpan.FromSeconds(25);

    private IRead Read => world.Reader;

    private Sim Sim => world.Sim;

    /// <summary>At any moment: nothing is lost between the counts, and what was acknowledged is there.</summary>
    public void Snapshot()
    {
        if (!File.Exists(world.Path) || Read.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'sim_audit'") == 0)
            return;
        var counts = JobReads.Count(Read);
        var rows = Read.Scalar("SELECT count(*) FROM job");
        Sim.Check(counts.Open + counts.Done + counts.Closed == rows, "the counts do not sum up to the rows");
        Sim.Check(Read.Scalar("SELECT open FROM job_total") == counts.Open, "the total of open jobs is wrong");
        Sim.Check(Read.Scalar("SELECT sum(bytes) FROM job WHERE state < 2 OR (state = 3 AND reason <= 4)") == counts.OpenBytes, "the total of bytes is wrong");
        Sim.Check(Read.Scalar("SELECT count(DISTINCT subject) FROM event WHERE kind = $1", JobEventBodies.Accepted) == rows + world.Audit.Cleared.Count, "jobs and JobAccepted do not agree");
        Sim.Check(world.History.Carriers.All(id => world.Audit.Cleared.Contains(id) || Read.Scalar("SELECT 1 FROM job WHERE id = $1", id.Value) == 1), "an acknowledged job is gone");
        Twins();
        if (Sim.Faults == Swarm.Calm && Sim.Now - world.LastJump > ClockNoticed)
        {
            var cap = (long)QueueJobs.Cap.TotalMilliseconds;
            Sim.Check(Read.Scalar("SELECT count(*) FROM job WHERE state = 0 AND gate = 1 AND wait_ms IS NOT NULL AND run_at > $1 + $2", world.NowMs, cap) == 0,
                "a retry waits longer than its cap");
        }
    }

    /// <summary>Whether all that is left waits for a decision or behind something that does.</summary>
    public bool NothingCanMove() => Read.Scalar("SELECT count(*) FROM job WHERE state = 1 OR (state = 0 AND gate <> 2)") == 0;

    /// <summary>Whether everything has ended.</summary>
    public bool NothingIsOpen() => Read.Scalar("SELECT count(*) FROM job WHERE state < 2 OR (state = 3 AND reason <= 4)") == 0;

    /// <summary>Writes what is open into the trace, for the replay of a run that did not end.</summary>
    public void MarkOpen()
    {
        foreach (var line in Read.Query("""
            SELECT format('open: %s state %d gate %s hold %s run_at %s lease %s by %s claims %d waits for [%s]', id, state, gate, hold, run_at, lease_until, instance, claims,
              (SELECT group_concat(after) FROM job_after WHERE job_after.job = job.seq))
            FROM job WHERE state < 2 OR (state = 3 AND reason <= 4)
            """, row => row.Text(0)))
            Sim.Mark($"{line}, now {world.NowMs}");
        foreach (var instance in Read.Query("SELECT id FROM instance", row => row.Text(0)))
            Sim.Mark($"open: instance {instance}");
    }

    /// <summary>Whatever still waits stands behind a dead job that blocks.</summary>
    public void WaitingIsJustified() => Sim.Check(Read.Scalar("""
        SELECT count(*) FROM job WHERE state = 0 AND gate = 2 AND NOT EXISTS (
          WITH RECURSIVE before(seq) AS (
            SELECT after FROM job_after WHERE job_after.job = job.seq
            UNION SELECT job_after.after FROM job_after JOIN before ON job_after.job = before.seq)
          SELECT 1 FROM before JOIN job AS other ON other.seq = before.seq WHERE other.state = 3 AND other.reason <= 4)
        """) == 0, "a job waits for nobody");

    /// <summary>When all is over: the log tells each job's story without a gap, and its end is the row's.</summary>
    public void End()
    {
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (id, kind) in Read.Query("SELECT subject, kind FROM event WHERE room = $1 ORDER BY position", row => (row.Text(0), row.Text(1)), JobEventBodies.Room))
        {
            Sim.Check(Follows(last.GetValueOrDefault(id), kind), $"{kind} follows {last.GetValueOrDefault(id) ?? "nothing"}");
            last[id] = kind;
        }

        foreach (var (id, state) in Read.Query("SELECT id, state FROM job", row => (row.Text(0), (JobState)row.Int64(1))))
        {
            Sim.Check(last.GetValueOrDefault(id) == (state is JobState.Done ? JobEventBodies.Done : JobEventBodies.Discarded), $"the log does not end as the row: {state}");
            Sim.Check(state is not JobState.Done || world.Effects.Effects.ContainsKey(JobId.Parse(id)), "a job is done without its effect");
        }

        foreach (var id in world.Effects.Effects.Keys)
            Sim.Check(last.ContainsKey(id.Value), "an effect of a job that was never accepted");
    }

    /// <summary>Types whose duplicates are answered or refused never stand twice, but for those that a decision brought back.</summary>
    private void Twins()
    {
        var open = Read.Query("SELECT id, name || ':' || dedup FROM job WHERE state < 2 AND dedup IS NOT NULL AND name <> 'sim.replaced' ORDER BY seq",
            row => (Id: JobId.Parse(row.Text(0)), Key: row.Text(1)));
        foreach (var twins in open.GroupBy(one => one.Key, StringComparer.Ordinal).Where(group => group.Count() > 1))
            Sim.Check(twins.Any(one => world.Audit.Retried.Contains(one.Id) || !QueueHistory.IsAsked(one.Id)), "two jobs stand under one deduplication key");
    }

    private static bool Follows(string? before, string kind) => kind switch
    {
        JobEventBodies.Accepted => before is null,
        JobEventBodies.AttemptFailed or JobEventBodies.Done => before is JobEventBodies.Accepted or JobEventBodies.AttemptFailed or JobEventBodies.Retried,
        JobEventBodies.Dead => before is JobEventBodies.Accepted or JobEventBodies.AttemptFailed or JobEventBodies.Retried,
        JobEventBodies.Retried => before is JobEventBodies.Dead,
        JobEventBodies.Discarded => before is not (null or JobEventBodies.Done or JobEventBodies.Discarded),
        _ => false,
    };
}
