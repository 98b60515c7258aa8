using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>
/// Sees every step of every row, in the order of commits, at the moment of the commit: triggers write steps down inside the
/// transaction itself, so that nothing the store does can pass unseen. Each step is held against <see cref="QueueLaw"/>.
/// </summary>
internal sealed class QueueAudit
{
    /// <summary>The triggers, as tables of a room of their own.</summary>
    public static readonly SchemaPart Part = new("sim_audit", [("""
        CREATE TABLE sim_audit(
          n INTEGER PRIMARY KEY, seq INTEGER NOT NULL, id TEXT NOT NULL, was INTEGER NOT NULL, now INTEGER NOT NULL, reason_was INTEGER, reason INTEGER,
          claims_was INTEGER NOT NULL, claims INTEGER NOT NULL, attempts_was INTEGER NOT NULL, attempts INTEGER NOT NULL,
          lost_was INTEGER NOT NULL, lost INTEGER NOT NULL, lease_was INTEGER, cancel INTEGER NOT NULL, lane TEXT, destination TEXT NOT NULL,
          run_at INTEGER NOT NULL, expires_at INTEGER, max_attempts INTEGER, hold INTEGER);
        CREATE TRIGGER sim_update AFTER UPDATE OF state, claims, attempts, lost ON job BEGIN
          INSERT INTO sim_audit(seq, id, was, now, reason_was, reason, claims_was, claims, attempts_was, attempts, lost_was, lost, lease_was, cancel, lane,
                                destination, run_at, expires_at, max_attempts, hold)
          VALUES (new.seq, new.id, old.state, new.state, old.reason, new.reason, old.claims, new.claims, old.attempts, new.attempts, old.lost, new.lost,
                  old.lease_until, old.cancel, new.lane, new.destination, old.run_at, new.expires_at, new.max_attempts, new.hold);
        END;
        CREATE TRIGGER sim_delete AFTER DELETE ON job BEGIN
          INSERT INTO sim_audit(seq, id, was, now, reason_was, claims_was, claims, attempts_was, attempts, lost_was, lost, cancel, destination, run_at)
          VALUES (old.seq, old.id, old.state, -1, old.reason, old.claims, 0, 0, 0, 0, 0, 0, '', 0);
        END;
        """, "")], ["sim_audit"]);

    private const string SelectSteps = """
        SELECT n, seq, id, was, now, reason_was, reason, claims_was, claims, attempts_was, attempts, lost_was, lost, lease_was, cancel, lane, destination,
               run_at, expires_at, max_attempts, hold
        FROM sim_audit WHERE n > $1 ORDER BY n
        """;

    private readonly QueueWorld _world;
    private readonly QueueLaw _law;
    private readonly HashSet<(JobId, long)> _started = [];
    private long _seen;

    public QueueAudit(QueueWorld world)
    {
        _world = world;
        _law = new QueueLaw(world, this);
    }

    /// <summary>How each started try was answered.</summary>
    public Dictionary<(JobId Id, long Fence), OutcomeKind> Answers { get; } = [];

    /// <summary>Which node holds a lease, since which opening of its store.</summary>
    public Dictionary<(long Seq, long Fence), (SimNode Node, int Opening)> Holders { get; } = [];

    /// <summary>Jobs that a decision brought back: their place in the order is a new one.</summary>
    public HashSet<JobId> Retried { get; } = [];

    /// <summary>Jobs that were cleared away after their end; their events stay.</summary>
    public HashSet<JobId> Cleared { get; } = [];

    /// <summary>A handler begins.</summary>
    public void Started(SimNode node, JobId id, long fence)
    {
        node.Sim.Mark($"{id} starts under fence {fence}");
        node.Sim.Check(_started.Add((id, fence)), $"two tries of a job ran under one fence");
        var row = _world.Reader.QueryFirst("SELECT claims FROM job WHERE id = $1", row => (long?)row.Int64(0), id.Value);
        node.Sim.Check(row is not null, "a job ran that was never accepted");
        node.Sim.Check(row >= fence, "a job ran under a fence that was never given out");
    }

    /// <summary>A handler answers.</summary>
    public void Answered(SimNode node, JobId id, long fence, OutcomeKind kind)
    {
        node.Sim.Mark($"{id} answers {kind} under fence {fence}");
        Answers[(id, fence)] = kind;
    }

    /// <summary>Something was committed: judges its steps.</summary>
    public void Committed(SimNode by, IRead sql)
    {
        foreach (var step in sql.Query(SelectSteps, Read, _seen))
        {
            _seen = step.N;
            _world.Sim.Mark($"{step.Id} {step.Was}->{step.Now} {step.Reason} claims {step.Claims} attempts {step.Attempts} lost {step.Lost}");
            _law.Judge(by, step, sql);
        }
    }

    private static Step Read(IRow row) => new(
        row.Int64(0), row.Int64(1), JobId.Parse(row.Text(2)), (JobState)row.Int64(3), (JobState)row.Int64(4), (DeadReason?)row.Int64OrNull(5), (DeadReason?)row.Int64OrNull(6),
        row.Int64(7), row.Int64(8), row.Int64(9), row.Int64(10), row.Int64(11), row.Int64(12))
    {
        LeaseWas = row.Int64OrNull(13),
        Cancel = row.Int64(14) == 1,
        Lane = row.TextOrNull(15),
        Destination = row.Text(16),
        RunAt = row.Int64(17),
        ExpiresAt = row.Int64OrNull(18),
        MaxAttempts = row.Int64OrNull(19),
        Hold = row.Int64OrNull(20),
    };
}

/// <summary>One change of one row.</summary>
internal sealed record Step(
    long N, long Seq, JobId Id, JobState Was, JobState Now, DeadReason? ReasonWas, DeadReason? Reason,
    long ClaimsWas, long Claims, long AttemptsWas, long Attempts, long LostWas, long Lost)
{
    public long? LeaseWas { get; init; }

    public bool Cancel { get; init; }

    public string? Lane { get; init; }

    public string Destination { get; init; } = "";

    public long RunAt { get; init; }

    public long? ExpiresAt { get; init; }

    public long? MaxAttempts { get; init; }

    public long? Hold { get; init; }
}
