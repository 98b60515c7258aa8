using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>Decisions from outside a worker: cancel, retry, edit, discard, release, pause.</summary>
internal static class Decisions
{
    /// <summary>Carries a command out.</summary>
    /// <param name="group">The transaction.</param>
    /// <param name="command">The command.</param>
    /// <param name="cancelled">Told the instance whose running job was asked to stop.</param>
    public static CommandAnswer Run(Group group, JobCommand command, Action<InstanceId> cancelled) => command switch
    {
        JobCommand.Cancel cancel => Cancel(group, cancel.Id, cancelled),
        JobCommand.Retry retry => Retry(group, retry.Id),
        JobCommand.RetryEdited edited => RetryEdited(group, edited),
        JobCommand.Discard discard => Discard(group, discard.Id),
        JobCommand.Release release => Release(group, release),
        JobCommand.Reached reached => Reached(group, reached.Destination),
        JobCommand.Pause pause => Pauses.Add(group, pause.Destination),
        JobCommand.Resume resume => Pauses.Remove(group, resume.Destination),
        JobCommand.Clear clear => new CommandAnswer(Sweeping.Clear(group, clear.Everything)),
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };

    private static CommandAnswer Cancel(Group group, JobId id, Action<InstanceId> cancelled)
    {
        var row = Find(group, id);
        switch (row.State)
        {
            case JobState.Pending:
                Ending.Close(group, row.Seq, DeadReason.Cancelled);
                return new CommandAnswer(1, CancelAnswer.CancelledBeforeSend);
            case JobState.Running:
                var asked = group.Execute("UPDATE job SET cancel = 1 WHERE seq = $1 AND cancel = 0", row.Seq);
                group.AfterCommit(() => cancelled(new InstanceId(row.Instance!)));
                return new CommandAnswer(asked, CancelAnswer.RequestedWhileRunning);
            default:
                return new CommandAnswer(0, CancelAnswer.TooLate);
        }
    }

    private static CommandAnswer Retry(Group group, JobId id)
    {
        const string Revive = """
            UPDATE job SET state = 0, gate = 2, reason = NULL, ended_at = NULL, attempts = 0, lost = 0, unreached = 0, cancel = 0, run_at = $2, wait_ms = 0,
                   expires_at = CASE WHEN expires_at <= $2 THEN NULL ELSE expires_at END
            WHERE seq = $1
            """;
        var row = FindUndecided(group, id, "retried");
        group.Execute(Revive, row.Seq, group.NowMs);
        // Its place is gone where the lane went on without it. Everywhere else whoever came later stands behind it still, and an
        // edge to any of them would close a circle.
        if (row.WhenDead is WhenDead.Skip && row.Lane is { } lane && Edges.EndOfLane(group, lane, row.Seq) is { } last)
        {
            group.Execute("INSERT INTO job_after(job, after) VALUES ($1, $2) ON CONFLICT DO NOTHING", row.Seq, last);
        }

        Edges.Regate(group, row.Seq);
        group.Append(JobEventBodies.Room, id.Value, JobEventBodies.Retried, row.Owner, JobEventBodies.OfRetried(row.Name));
        return new CommandAnswer(1);
    }

    private static CommandAnswer RetryEdited(Group group, JobCommand.RetryEdited edited)
    {
        var row = FindUndecided(group, edited.Id, "edited");
        var draft = edited.Replacement;
        if (group.Scalar("SELECT 1 FROM job WHERE id = $1", draft.Id.Value) == 1)
        {
            throw new PosthouseException(ErrorCodes.JobIdReused, $"Job {draft.Id} exists. An edited job needs a new id.");
        }

        Limits.CheckJob(group, draft);
        var behind = Admit.Predecessors(group, draft);
        // The old job's references are still there: files that the edited one keeps are found, and none can be swept in between.
        JobFiles.CheckStaged(group, draft);
        Limits.Check(group, draft, 1, row.Bytes, JobFiles.Bytes(group, row.Seq));
        var keepsPlace = row.WhenDead is not WhenDead.Skip && draft.Lane == row.Lane;
        if (!keepsPlace && draft.Lane is { } lane && Edges.EndOfLane(group, lane, row.Seq) is { } last)
        {
            behind.Add(last);
        }

        // An edge to the old job, or to one that waits for it, would close a circle: those stand behind the new one.
        behind.RemoveWhere(seq => seq == row.Seq || Edges.Waits(group, seq, row.Seq));
        var successors = Edges.Waiting(group, row.Seq);
        Ending.Close(group, row.Seq, DeadReason.Discarded);
        var place = Admit.Store(group, draft, behind, inLane: false)!.Value;
        successors.ForEach(seq => Edges.PutBehind(group, seq, place));
        return new CommandAnswer(1, Id: draft.Id);
    }

    private static CommandAnswer Discard(Group group, JobId id)
    {
        var row = Find(group, id);
        if (row.State is JobState.Pending || (row.State is JobState.Dead && JobLaw.NeedsDecision(row.Reason!.Value)))
        {
            Ending.Close(group, row.Seq, DeadReason.Discarded);
            return new CommandAnswer(1);
        }

        throw new PosthouseException(ErrorCodes.JobStateConflict, row.State is JobState.Running
            ? $"Job {id} is running; cancel it instead."
            : $"Job {id} has ended ({row.Said}); there is nothing to discard.");
    }

    private static CommandAnswer Release(Group group, JobCommand.Release release)
    {
        var held = group.Query("SELECT seq FROM job WHERE state = 0 AND gate = 3 AND hold = $1 AND ($2 IS NULL OR destination = $2) ORDER BY seq",
            row => row.Int64(0), (long)release.Hold, release.Destination);
        held.ForEach(seq => Edges.Regate(group, seq));
        return new CommandAnswer(held.Count);
    }

    private static CommandAnswer Reached(Group group, string destination)
    {
        var opened = group.Execute("UPDATE job SET gate = 0, run_at = $2 WHERE state = 0 AND gate = 1 AND unreached > 0 AND destination = $1",
            destination, group.NowMs);
        return new CommandAnswer(opened);
    }

    private static Row FindUndecided(Group group, JobId id, string what)
    {
        var row = Find(group, id);
        return row.State is JobState.Dead && JobLaw.NeedsDecision(row.Reason!.Value) ? row : throw new PosthouseException(ErrorCodes.JobStateConflict,
            $"Job {id} is {row.Said}; only a dead job that needs a decision can be {what}.");
    }

    private static Row Find(Group group, JobId id) => group.QueryFirst(
        "SELECT seq, name, state, reason, owner, lane, when_dead, instance, bytes FROM job WHERE id = $1",
        row => new Row(row.Int64(0), row.Text(1), (JobState)row.Int64(2), (DeadReason?)row.Int64OrNull(3), row.TextOrNull(4), row.TextOrNull(5),
            (WhenDead)row.Int64(6), row.TextOrNull(7), row.Int64(8)), id.Value)
        ?? throw new PosthouseException(ErrorCodes.JobNotFound, $"No job {id} is here. It may have been swept, or live in another store.");

    private sealed record Row(long Seq, string Name, JobState State, DeadReason? Reason, string? Owner, string? Lane, WhenDead WhenDead, string? Instance, long Bytes)
    {
        public string Said => Reason is { } reason ? $"{State}, {reason}" : $"{State}";
    }
}
