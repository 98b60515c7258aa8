using Posthouse.Queue;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>Holds a draft against the limits of the queue.</summary>
internal static class Limits
{
    public static void CheckJob(Group group, JobDraft draft)
    {
        if (draft.Bytes > group.Limits.MaxJobBytes)
        {
            throw new PosthouseException(ErrorCodes.JobTooLarge,
                $"Job {draft.Id} has {draft.Bytes} bytes; {nameof(QueueLimits.MaxJobBytes)} is {group.Limits.MaxJobBytes}. Put large content into a JobFile.");
        }
    }

    public static bool Fit(Group group, JobDraft draft) =>
        draft.Bytes <= group.Limits.MaxJobBytes && group.Totals.Open < group.Limits.MaxOpenJobs && group.Totals.Bytes + draft.Bytes <= group.Limits.MaxOpenBytes;

    /// <summary>Refuses a draft that no longer fits once <paramref name="freed"/> jobs made room for it.</summary>
    public static void Check(Group group, JobDraft draft, int freed, long freedBytes, long freedFileBytes)
    {
        var (totals, limits) = (group.Totals, group.Limits);
        Check(draft, nameof(QueueLimits.MaxOpenJobs), totals.Open - freed + 1, limits.MaxOpenJobs);
        Check(draft, nameof(QueueLimits.MaxOpenBytes), totals.Bytes - freedBytes + draft.Bytes, limits.MaxOpenBytes);
        if (draft.Files.Count > 0)
        {
            Check(draft, nameof(QueueLimits.MaxFileBytes), totals.FileBytes - freedFileBytes + draft.Files.DistinctBy(file => file.Hash).Sum(file => file.Size), limits.MaxFileBytes);
        }
    }

    private static void Check(JobDraft draft, string what, long would, long most)
    {
        if (would > most)
        {
            throw new PosthouseException(ErrorCodes.QueueFull,
                $"The queue is full: {what} is {most}, and job {draft.Id} would make it {would}. Let jobs end, decide about failed ones, or raise the limit.");
        }
    }
}
