using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>What a row may do and when: the state law, the fences, the leases, lanes and edges, times and pauses.</summary>
internal sealed class QueueLaw(QueueWorld world, QueueAudit audit)
{
    private const int MaxLost = JobLaw.MaxLost;

    // A healthy holder renews after a third of the lease, at the next whole second, and once more when that failed.
    private static readonly TimeSpan Health = (QueueWorld.Dispatch.Lease * 2) + TimeSpan.FromSeconds(3);

    private readonly HashSet<(long Seq, long Fence)> _counted = [];

    private Sim Sim => world.Sim;

    public void Judge(SimNode by, Step step, IRead sql)
    {
        if (step.Now < 0)
        {
            Removed(step, sql);
            return;
        }

        Counters(step);
        if (step.Was == step.Now && step.Now is not JobState.Dead)
        {
            Sim.Check(step.Claims == step.ClaimsWas, "a fence moved without a claim");
            if (step.Lost > step.LostWas)
                Lost(step);
            return;
        }

        Sim.Check(JobLaw.Steps.Any(legal => legal.From == step.Was && legal.To == step.Now), $"a job went from {step.Was} to {step.Now}");
        Sim.Check(step.Claims == step.ClaimsWas + (step.Now is JobState.Running ? 1 : 0), "a claim and its fence do not agree");
        switch (step.Was, step.Now)
        {
            case (_, JobState.Running):
                audit.Holders[(step.Seq, step.Claims)] = (by, world.Opening(by));
                Claimed(step, sql);
                break;
            case (JobState.Running, JobState.Pending):
                Back(by, step);
                break;
            case (JobState.Running, JobState.Done):
                Done(step, sql);
                break;
            case (JobState.Running, JobState.Dead):
                Died(step);
                break;
            case (JobState.Dead, _):
                Sim.Check(JobLaw.NeedsDecision(step.ReasonWas!.Value), "a closed job moved");
                Sim.Check(step.Reason is null or DeadReason.Discarded, $"a dead job became {step.Reason}");
                audit.Retried.Add(step.Id);
                Sim.Reach($"decision: {step.Now}");
                break;
            default:
                Closed(step);
                break;
        }
    }

    /// <summary>A row goes when its job has ended for good, and its owner has seen the end.</summary>
    private void Removed(Step step, IRead sql)
    {
        Sim.Reach("cleared");
        Sim.Check(!JobLaw.IsOpen(step.Was, step.ReasonWas), "a job vanished that had not ended or needs a decision");
        Sim.Check(sql.Scalar("""
            SELECT count(*) FROM event WHERE subject = $1 AND owner IS NOT NULL
              AND position > coalesce((SELECT position FROM event_owner_seen AS seen WHERE seen.owner = event.owner), 0)
            """, step.Id.Value) == 0, "a job was removed before its owner had seen what became of it");
        audit.Cleared.Add(step.Id);
    }

    private void Counters(Step step)
    {
        if (step.Attempts > step.AttemptsWas)
            Sim.Reach("try counted");
        Sim.Check(step.Attempts >= step.AttemptsWas || step is { Was: JobState.Dead, Now: JobState.Pending }, "attempts fell");
        Sim.Check(step.Attempts <= (step.MaxAttempts ?? QueueJobs.MaxAttempts), "more attempts than the plan allows");
        Sim.Check(step.Lost <= MaxLost, "a job was lost more often than the law allows");
    }

    /// <summary>A lease may be taken away when its process is gone, or when its time is over; and a healthy holder renews in time.</summary>
    private void Lost(Step step)
    {
        _counted.Add((step.Seq, step.Claims));
        var (node, opening) = audit.Holders[(step.Seq, step.Claims)];
        if (world.Opening(node) != opening)
        {
            Sim.Reach("lease taken over from a dead process");
            return;
        }

        Sim.Reach("lease lost by its time");
        Sim.Check(step.LeaseWas <= world.NowMs, "a lease was taken away from a living process before its time");
        Sim.Check(Sim.Now - world.HealthySince(node) < Health || audit.Answers.ContainsKey((step.Id, step.Claims)),
            "the lease of a healthy process ran out");
    }

    private void Back(SimNode by, Step step)
    {
        var holder = audit.Holders[(step.Seq, step.Claims)];
        Sim.Check(!step.Cancel, "a job that was to be cancelled goes on");
        if (_counted.Contains((step.Seq, step.Claims)))
            return;
        if (!audit.Answers.ContainsKey((step.Id, step.Claims)))
            Sim.Reach("lease given back");
        Sim.Check(holder == (by, world.Opening(by)), "a lease came back without its holder and was not counted as lost");
        if (step.Hold is not null)
            Sim.Reach("held for credentials");
    }

    private void Done(Step step, IRead sql)
    {
        Sim.Check(audit.Answers.TryGetValue((step.Id, step.Claims), out var answer) && answer is OutcomeKind.Done,
            "a job was settled by somebody who did not hold it");
        Sim.Check(world.Effects.Effects.ContainsKey(step.Id), "a job is done without its effect");
        if (world.Effects.Effects[step.Id] > 1)
            Sim.Reach("done after more than one try took effect");
        var payload = sql.QueryFirst("SELECT payload FROM job WHERE seq = $1", row => row.Bytes(0), step.Seq)!;
        var marks = sql.Scalar("SELECT count(*) FROM event WHERE room = $1 AND subject = $2", QueueHandler.Room, step.Id.Value);
        var writes = System.Text.Json.JsonDocument.Parse(payload).RootElement.GetProperty("Mood").GetInt32() == (int)Mood.Writes;
        Sim.Check(marks == (writes ? 1 : 0), "a handler's own change and its settlement did not commit together");
        if (writes)
            Sim.Reach("settled with a change of the handler's own");
    }

    private void Died(Step step)
    {
        Sim.Reach($"dead: {step.Reason}");
        switch (step.Reason)
        {
            case DeadReason.Crashed:
                Sim.Check(step.Lost == MaxLost, "a job is Crashed before it was lost three times");
                break;
            case DeadReason.Cancelled:
                Sim.Check(step.Cancel, "a running job was cancelled and nobody asked for it");
                Sim.Reach("cancelled while running");
                break;
            case DeadReason.Expired:
                Sim.Check(step.ExpiresAt <= world.NowMs, "a job expired before its time");
                break;
            default:
                Sim.Check(audit.Answers.ContainsKey((step.Id, step.Claims)), "a job died by somebody who did not hold it");
                break;
        }
    }

    private void Closed(Step step)
    {
        Sim.Reach($"closed: {step.Reason}");
        Sim.Check(step.Reason is { } reason && !JobLaw.NeedsDecision(reason), "a waiting job needs a decision");
        Sim.Check(step.Reason is not DeadReason.Expired || step.ExpiresAt <= world.NowMs, "a job expired before its time");
    }

    private void Claimed(Step step, IRead sql)
    {
        Sim.Check(sql.Scalar("SELECT count(*) FROM pause WHERE scope = 'all' OR scope = $1", "to:" + step.Destination) == 0, "a paused job was claimed");
        Sim.Check(step.RunAt <= world.NowMs || world.EverJumpedBack, "a job was claimed before its time");
        Sim.Check(!(step.ExpiresAt <= world.NowMs), "an expired job was claimed");
        foreach (var id in world.History.After.GetValueOrDefault(step.Id) ?? [])
        {
            if (!audit.Retried.Contains(id))
                Sim.Check(sql.Scalar(Blocking + " AND id = $1", id.Value) == 0, "a job began before one that it was to wait for");
        }

        if (step.Lane is not { } lane)
            return;
        Sim.Check(sql.Scalar("SELECT count(*) FROM job WHERE lane = $1 AND state = 1", lane) <= 1, "two jobs of one lane ran at the same time");
        // An edited job has its predecessor's place in the lane, though it came later.
        if (!QueueHistory.IsAsked(step.Id))
            return;
        foreach (var id in sql.Query("SELECT id FROM job" + BlockingRow + " AND lane = $1 AND seq < $2", row => JobId.Parse(row.Text(0)), lane, step.Seq))
            Sim.Check(audit.Retried.Contains(id), "a job passed an earlier one of its lane");
    }

    private const string BlockingRow = " WHERE (state < 2 OR (state = 3 AND reason <= 4 AND when_dead <> 1))";

    private const string Blocking = "SELECT count(*) FROM job" + BlockingRow;
}
