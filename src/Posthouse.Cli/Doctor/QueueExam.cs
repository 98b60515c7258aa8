using System.Globalization;
using Posthouse.Cli.Output;
using Posthouse.Storage;

namespace Posthouse.Cli.Doctor;

/// <summary>Judges what a project has in the queue: who waits longer than a journey takes has perhaps been forgotten.</summary>
internal static class QueueExam
{
    /// <summary>An acquire is not even taken any more after so long.</summary>
    private static readonly TimeSpan _longWait = TimeSpan.FromDays(1);

    public static Finding Judge(QueueCounts counts, DateTimeOffset now)
    {
        if (counts.Open == 0) { return new Finding("queue", Health.Good, "empty"); }

        var age = counts.OldestOpen is { } oldest ? Ages.Ago(oldest, now) : "just now";
        var text = string.Create(CultureInfo.InvariantCulture, $"{counts.Failed} failed, {counts.Open - counts.Failed} waiting, the oldest queued {age}");
        return counts.Failed > 0 ? new Finding("queue", Health.Notable, text, "'posthouse queue status' shows them; 'posthouse queue retry ID' or 'posthouse queue discard ID' decides about one that failed.")
            : counts.Held > 0 ? new Finding("queue", Health.Notable, text, "Some are held: 'posthouse queue status' says why.")
            : counts.Paused || counts.PausedDestinations.Count > 0 ? new Finding("queue", Health.Notable, text + "; it is paused", "'posthouse queue resume' ends that.")
            : new Finding("queue", now - counts.OldestOpen > _longWait ? Health.Notable : Health.Good, text, "'posthouse queue sync' sends them.");
    }
}
