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
                $"Job {draft.Id} has {draft.Bytes} bytes; at most {group.Limits.MaxJobBytes} are taken. Put large content into a JobFile.");
        }
    }

    public static bool Fit(Group group, JobDraft draft) =>
        group.Totals.Open < group.Limits.MaxOpenJobs && group.Totals.Bytes + draft.Bytes <= group.Limits.MaxOpenBytes;

    /// <summary>Refuses a draft that no longer fits once <paramref name="freed"/> jobs made room for it.</summary>
    public static void Check(Group group, JobDraft draft, int freed, long freedBytes)
    {
        var (totals, limits) = (group.Totals, group.Limits);
        Check(draft, "jobs", totals.Open - freed + 1, limits.MaxOpenJobs);
        Check(draft, "bytes", totals.Bytes - freedBytes + draft.Bytes, limits.MaxOpenBytes);
        if (draft.Files.Count > 0)
        {
            Check(draft, "file bytes", totals.FileBytes + draft.Files.Sum(file => file.Size), limits.MaxFileBytes);
        }
    }

    private static void Check(JobDraft draft, string what, long would, long most)
    {
        if (would > most)
        {
            throw new PosthouseException(ErrorCodes.QueueFull,
                $"The queue is full: job {draft.Id} would make {would} open {what}, and {most} are the limit. Nothing was stored.");
        }
    }
}
