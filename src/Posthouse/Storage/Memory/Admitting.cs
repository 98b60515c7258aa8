using System.Collections.Immutable;
using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Storage.Memory;

/// <summary>
/// Taking a job in. Everything that can refuse it is asked before anything is stored, and in one order, so that the same call
/// always fails for the same reason.
/// </summary>
internal sealed class Admitting(Books books, WaitingRule waiting, Endings endings, QueueLimits limits)
{
    public Admission Admit(JobDraft draft)
    {
        if (books.Jobs.TryFind(draft.Id, out var same))
        {
            return IsRepetition(draft, same.Draft) ? Answered(same) : throw IdReused(draft.Id);
        }

        CheckSize(draft);
        var standing = draft.DeduplicationKey is { } key ? books.Jobs.WithKey(draft.Name, key) : [];
        if (standing.Count > 0 && draft.OnDuplicate is not OnDuplicate.ReplacePending)
        {
            return draft.OnDuplicate is OnDuplicate.ReturnExisting ? Answered(standing[0]) : throw Duplicate(draft, standing[0]);
        }

        // A retry by decision can leave several with one key: the newest of each kind is meant.
        var replaced = standing.Find(row => row.State is JobState.Pending);
        var running = standing.Find(row => row.State is JobState.Running);
        var waitsFor = Predecessors(draft);
        CheckRoom(draft, replaced);
        if (running is not null)
        {
            waitsFor = waitsFor.Add(running.Seq);
        }

        if (replaced is not null)
        {
            // A newcomer that named the replaced one in After inherits what that one waited for, as all others behind it do.
            waitsFor = waitsFor.Contains(replaced.Seq) ? waitsFor.Remove(replaced.Seq).Union(replaced.WaitsFor) : waitsFor;
            endings.Close(replaced, DeadReason.Superseded);
        }

        if (waiting.EndOfLane(draft.Lane) is { } last)
        {
            waitsFor = waitsFor.Add(last.Seq);
        }

        Store(draft, waitsFor);
        return new Admission(draft.Id, replaced is null ? AdmissionKind.Accepted : AdmissionKind.ReplacedPending, draft.Optimistic);
    }

    /// <summary>The places of the jobs named in After that a newcomer has to wait for.</summary>
    public ImmutableSortedSet<long> Predecessors(JobDraft draft)
    {
        var edges = ImmutableSortedSet<long>.Empty;
        foreach (var id in draft.After)
        {
            var row = books.Jobs.TryFind(id, out var found) ? found : throw new PosthouseException(ErrorCodes.JobNotFound,
                $"Job \"{draft.Id}\" is to run after \"{id}\", which is not in this queue: it never was, or it ended and was swept. Leave it out.");
            edges = row.IsOpen && !row.IsSkipped ? edges.Add(row.Seq) : edges;
        }

        return edges;
    }

    public JobRow Store(JobDraft draft, ImmutableSortedSet<long> waitsFor)
    {
        var row = new JobRow(books.Jobs.NextSeq(), draft, books.Now)
        {
            RunAt = draft.NotBefore?.ToUnixTimeMilliseconds() ?? books.Now,
            RetryDelay = draft.NotBefore is null ? 0 : null,
            ExpiresAt = draft.ExpiresAt?.ToUnixTimeMilliseconds(),
            WaitsFor = waitsFor,
        };
        waiting.PutAtItsGate(row);
        if (draft.Owner is { } owner)
        {
            books.Events.Register(books.Now, owner);
        }

        books.Events.Tell(books.Now, row, JobEventBodies.Accepted, JobEventBodies.OfAccepted(draft.Name, draft.Optimistic));
        return books.Jobs[row.Seq];
    }

    public void CheckSize(JobDraft draft)
    {
        if (draft.Bytes > limits.MaxJobBytes)
        {
            throw new PosthouseException(ErrorCodes.JobTooLarge,
                $"Job \"{draft.Id}\" has {draft.Bytes} bytes of payload and optimistic result; {nameof(QueueLimits.MaxJobBytes)} is {limits.MaxJobBytes}. Put large things into files.");
        }
    }

    /// <summary>Refuses a newcomer for which there is no room even when <paramref name="leaving"/> has left.</summary>
    public void CheckRoom(JobDraft draft, JobRow? leaving)
    {
        var jobs = books.Jobs;
        Check(nameof(QueueLimits.MaxOpenJobs), limits.MaxOpenJobs, jobs.OpenCount + 1 - (leaving is null ? 0 : 1));
        Check(nameof(QueueLimits.MaxOpenBytes), limits.MaxOpenBytes, jobs.OpenBytes + draft.Bytes - (leaving?.Draft.Bytes ?? 0));
        Check(nameof(QueueLimits.MaxFileBytes), limits.MaxFileBytes, jobs.OpenFileBytes + JobRow.FileBytesOf(draft) - (leaving?.FileBytes ?? 0));
    }

    public static PosthouseException IdReused(JobId id) => new(ErrorCodes.JobIdReused,
        $"\"{id}\" is already the id of another job. Ids name one intent each: make a new one for a new intent.");

    private static void Check(string name, long limit, long wanted)
    {
        if (wanted > limit)
        {
            throw new PosthouseException(ErrorCodes.QueueFull,
                $"The queue is full: {name} is {limit}, and this would make it {wanted}. Let jobs end, decide about failed ones, or raise the limit.");
        }
    }

    private static bool IsRepetition(JobDraft draft, JobDraft stored) =>
        draft.Name == stored.Name && draft.Version == stored.Version && draft.Payload.AsSpan().SequenceEqual(stored.Payload);

    private static Admission Answered(JobRow row) => new(row.Id, AdmissionKind.AnsweredByExisting, row.Draft.Optimistic);

    private static PosthouseException Duplicate(JobDraft draft, JobRow standing) => new(ErrorCodes.DuplicateJob,
        $"\"{standing.Id}\" is an open \"{draft.Name}\" with the same deduplication key; wait for its end or cancel it.");
}
