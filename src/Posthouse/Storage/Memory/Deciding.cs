using Posthouse.Jobs;

namespace Posthouse.Storage.Memory;

/// <summary>
/// Decisions from outside a worker: about one job, about held ones, and about what may be claimed. The instance that holds
/// the lease of a changed job gets a hint after the commit.
/// </summary>
internal sealed class Deciding(
    Books books, WaitingRule waiting, Endings endings, Admitting admitting, Sweeping sweeping, Action<InstanceId> hint)
{
    public CommandAnswer Decide(JobCommand command) => command switch
    {
        JobCommand.Cancel c => Cancel(Find(c.Id)),
        JobCommand.Retry c => Retry(Find(c.Id)),
        JobCommand.RetryEdited c => RetryEdited(Find(c.Id), c.Replacement),
        JobCommand.Discard c => Discard(Find(c.Id)),
        JobCommand.Release c => Release(c),
        JobCommand.Reached c => Reached(c.Destination),
        JobCommand.Pause c => Paused(books.Pauses.With(c.Destination)),
        JobCommand.Resume c => Paused(books.Pauses.Without(c.Destination)),
        JobCommand.Clear c => new CommandAnswer(Clear(c.Everything)),
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };

    private CommandAnswer Cancel(JobRow row)
    {
        switch (row.State)
        {
            case JobState.Pending:
                endings.Close(row, DeadReason.Cancelled);
                return new CommandAnswer(1, CancelAnswer.CancelledBeforeSend);
            case JobState.Running:
                books.Jobs.Put(row with { CancelRequested = true });
                hint(row.Instance!.Value);
                return new CommandAnswer(row.CancelRequested ? 0 : 1, CancelAnswer.RequestedWhileRunning);
            default:
                return new CommandAnswer(0, CancelAnswer.TooLate);
        }
    }

    private CommandAnswer Retry(JobRow row)
    {
        CheckNeedsDecision(row, "retried");

        // Its place is gone where the lane went on without it (Skip). Everywhere else whoever came later stands behind it still,
        // also behind one that discarded its dependents: an edge to any of them would close a circle.
        var last = row.IsSkipped ? waiting.EndOfLane(row.Draft.Lane, except: row) : null;
        waiting.PutAtItsGate(row with
        {
            State = JobState.Pending,
            Reason = null,
            EndedAt = null,
            Attempts = 0,
            Lost = 0,
            Unreached = 0,
            RunAt = books.Now,
            RetryDelay = 0,
            ExpiresAt = row.ExpiresAt <= books.Now ? null : row.ExpiresAt,
            WaitsFor = last is null ? [] : [last.Seq],
        });
        books.Events.Tell(books.Now, row, JobEventBodies.Retried, JobEventBodies.OfRetried(row.Draft.Name));
        return new CommandAnswer(1);
    }

    /// <summary>
    /// The old job is closed and the edited one stands where it stood. An edge that would make a circle, from the new job to one
    /// that waits for the old, is left out: that one stands behind it.
    /// </summary>
    private CommandAnswer RetryEdited(JobRow row, JobDraft replacement)
    {
        CheckNeedsDecision(row, "edited");
        if (books.Jobs.TryFind(replacement.Id, out _))
        {
            throw Admitting.IdReused(replacement.Id);
        }

        admitting.CheckSize(replacement);
        var waitsFor = admitting.Predecessors(replacement);
        admitting.CheckRoom(replacement, leaving: row);

        var keepsPlace = !row.IsSkipped && replacement.Lane == row.Draft.Lane;
        if (!keepsPlace && waiting.EndOfLane(replacement.Lane, except: row) is { } last)
        {
            waitsFor = waitsFor.Add(last.Seq);
        }

        List<long> edges = [.. waitsFor.Where(seq => seq != row.Seq && !waiting.Waits(books.Jobs[seq], row.Seq))];
        var successors = books.Jobs.Behind(row.Seq);
        endings.Close(row, DeadReason.Discarded);
        var stored = admitting.Store(replacement, [.. edges]);
        successors.ForEach(successor => waiting.PutBehind(successor, stored));
        return new CommandAnswer(1, Id: replacement.Id);
    }

    private CommandAnswer Discard(JobRow row)
    {
        if (row.State is not JobState.Pending)
        {
            CheckNeedsDecision(row, "discarded");
        }

        endings.Close(row, DeadReason.Discarded);
        return new CommandAnswer(1);
    }

    private CommandAnswer Release(JobCommand.Release command)
    {
        var held = books.Jobs.All.Where(row => row.State is JobState.Pending && row.Hold == command.Hold
            && (command.Destination is null || row.Draft.Destination == command.Destination)).ToList();
        held.ForEach(row => waiting.PutAtItsGate(row with { Hold = null }));
        return new CommandAnswer(held.Count);
    }

    private CommandAnswer Reached(string destination)
    {
        var rows = books.Jobs.Due.Select(entry => books.Jobs[entry.Seq])
            .Where(row => row.Draft.Destination == destination && row.Unreached > 0).ToList();
        rows.ForEach(row => waiting.PutAtItsGate(row with { RunAt = books.Now }));
        return new CommandAnswer(rows.Count);
    }

    private CommandAnswer Paused(Pauses pauses)
    {
        books.Pauses = pauses;
        return new CommandAnswer(0);
    }

    private int Clear(bool everything)
    {
        var changed = new HashSet<long>();
        foreach (var row in everything ? books.Jobs.All.Where(row => row.State is JobState.Pending || row.NeedsDecision).ToList() : [])
        {
            endings.Close(books.Jobs[row.Seq], DeadReason.Discarded);
            changed.Add(row.Seq);
        }

        changed.UnionWith(sweeping.SweepRows(TimeSpan.Zero, int.MaxValue));
        return changed.Count;
    }

    private JobRow Find(JobId id) => books.Jobs.TryFind(id, out var row) ? row : throw new PosthouseException(ErrorCodes.JobNotFound,
        $"There is no job \"{id}\" in this queue: it never was, or it ended and was swept.");

    private static void CheckNeedsDecision(JobRow row, string verb)
    {
        if (!row.NeedsDecision)
        {
            var state = row.Reason is { } reason ? $"{row.State} ({reason})" : row.State.ToString();
            throw new PosthouseException(ErrorCodes.JobStateConflict, $"Job \"{row.Id}\" is {state} and cannot be {verb}; only a failed job can.");
        }
    }
}
