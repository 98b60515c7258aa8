using Posthouse.Jobs;

namespace Posthouse.Storage.Memory;

/// <summary>
/// The one waiting rule: a job waits for the jobs it has edges to, and a lane is "after the last open job of my lane".
/// Keeps the gate of every Pending row in step with what it waits for.
/// </summary>
internal sealed class WaitingRule(Books books)
{
    /// <summary>Stores a Pending row at the gate it belongs to: held, behind others, before its time, or open.</summary>
    public void PutAtItsGate(JobRow row)
    {
        if (row.Hold is not null || !row.WaitsFor.IsEmpty)
        {
            books.Jobs.Put(row with { Gate = row.Hold is not null ? Gate.Hold : Gate.After });
            return;
        }

        // A time that the store itself set is worth no more than the delay it was made from: the clock may have gone back since.
        var runAt = row.RetryDelay is { } delay ? Math.Min(row.RunAt, books.Now + delay) : row.RunAt;
        books.Jobs.Put(row with { RunAt = runAt, Gate = runAt > books.Now ? Gate.Time : Gate.Open });
    }

    /// <summary>
    /// Takes a job out of every queue it stands in: those that waited for it now wait for what it waited for. A job that ran
    /// waited for nothing, so behind it the edges simply go.
    /// </summary>
    /// <param name="row">The job as it stood, with its own edges.</param>
    public void StepOut(JobRow row)
    {
        foreach (var successor in books.Jobs.Behind(row.Seq))
        {
            PutAtItsGate(successor with { WaitsFor = successor.WaitsFor.Remove(row.Seq).Union(row.WaitsFor) });
        }
    }

    /// <summary>Gives a Pending job one more edge.</summary>
    public void PutBehind(JobRow job, JobRow predecessor)
    {
        var present = books.Jobs[job.Seq];
        PutAtItsGate(present with { WaitsFor = present.WaitsFor.Add(predecessor.Seq) });
    }

    /// <summary>
    /// Where a lane ends: its open job that no other job of the lane waits for. As a rule that is the newest, but a retried job
    /// may have gone behind newer ones, and an edited one may have taken an older one's place; then a newcomer behind the
    /// newest would run beside them. Dead jobs that were skipped are no part of a lane.
    /// </summary>
    public JobRow? EndOfLane(string? lane, JobRow? except = null) => lane is null ? null : books.Jobs.InLane(lane).FirstOrDefault(row =>
        !row.IsSkipped
        && row.Seq != except?.Seq
        && !books.Jobs.Behind(row.Seq).Exists(behind => behind.Draft.Lane == lane));

    /// <summary>Whether a job waits for another, directly or through others.</summary>
    public bool Waits(JobRow row, long target) =>
        row.WaitsFor.Contains(target) || row.WaitsFor.Any(seq => Waits(books.Jobs[seq], target));

    /// <summary>Everything that waits for a job, directly or through others, oldest first.</summary>
    public List<JobRow> Dependents(JobRow row)
    {
        var found = new SortedDictionary<long, JobRow>();
        var next = new Stack<JobRow>(books.Jobs.Behind(row.Seq));
        while (next.TryPop(out var dependent))
        {
            if (found.TryAdd(dependent.Seq, dependent))
            {
                books.Jobs.Behind(dependent.Seq).ForEach(next.Push);
            }
        }

        return [.. found.Values];
    }
}
