using Posthouse.Jobs;

namespace Posthouse.Storage.Memory;

/// <summary>The ways a job ends, and what that does to those behind it.</summary>
internal sealed class Endings(Books books, WaitingRule waiting)
{
    public void Arrive(JobRow row, byte[]? result)
    {
        books.Jobs.Put(row.Unleased() with { State = JobState.Done, Result = result, EndedAt = books.Now, Lost = 0 });
        waiting.StepOut(row);
        books.Events.Tell(books.Now, row, JobEventBodies.Done, JobEventBodies.OfDone(row.Draft.Name, result ?? []));
    }

    /// <summary>Ends a job for good without its having arrived: cancelled, expired, superseded or discarded.</summary>
    public void Close(JobRow row, DeadReason reason, string? message = null)
    {
        books.Jobs.Put(Dead(row, reason));
        waiting.StepOut(row);
        Tell(row, JobEventBodies.Discarded, reason, message);
    }

    /// <summary>Ends a job for now: it is kept until somebody decides. Those behind it wait, go on or go with it.</summary>
    public void Fail(JobRow row, DeadReason reason, string? message)
    {
        books.Jobs.Put(Dead(row, reason));
        Tell(row, JobEventBodies.Dead, reason, message);
        switch (row.Draft.WhenDead)
        {
            case WhenDead.Skip:
                waiting.StepOut(row);
                break;
            case WhenDead.DiscardDependents:
                // All are put before any is told: none of them may be opened on the way by the end of another.
                var dependents = waiting.Dependents(row);
                dependents.ForEach(d => books.Jobs.Put(Dead(d, DeadReason.Discarded)));
                dependents.ForEach(d => Tell(d, JobEventBodies.Discarded, DeadReason.Discarded, null));
                break;
        }
    }

    private JobRow Dead(JobRow row, DeadReason reason) => row.Unleased() with
    {
        State = JobState.Dead,
        Reason = reason,
        EndedAt = books.Now,
        Hold = null,
        WaitsFor = [],
    };

    private void Tell(JobRow row, string kind, DeadReason reason, string? message) =>
        books.Events.Tell(books.Now, row, kind, JobEventBodies.OfEnded(row.Draft.Name, reason, row.Attempts, message));
}
