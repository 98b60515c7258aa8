using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue cancel|discard|remove ID</c>: three ways to take a job out.</summary>
internal static class QueueDecisionCommand
{
    public static Command CreateCancel(TimeProvider time) =>
        Create(time, "cancel", "Takes a job back; a running one is asked to stop and may still arrive", CancelAsync);

    public static Command CreateDiscard(TimeProvider time) =>
        Create(time, "discard", "Gives a failed or waiting job up: its optimistic result is taken back, and what waits behind it goes on, or ends with it where it needs its lock, or would give one back before its push", DiscardAsync);

    public static Command CreateRemove(TimeProvider time) =>
        Create(time, "remove", "Takes a job out of the queue as its state asks: cancels it, or discards it if it failed",
            (site, job) => job.State is JobState.Dead ? DiscardAsync(site, job) : CancelAsync(site, job));

    private static Command Create(TimeProvider time, string name, string description, Func<QueueSite, JobRecord, Task<int>> decide)
    {
        var id = QueueCommand.Id();
        var command = new Command(name, description) { id };
        command.SetAction((parsed, _) =>
        {
            var site = QueueSite.Of(parsed, time);
            JobRecord job;
            using (var reader = site.LookInside())
            {
                job = reader.Read(read => site.Find(read, parsed.GetRequiredValue(id)));
                if (JobWords.Standing(job) is "closed" or "completed") { throw new PosthouseException(ErrorCodes.JobStateConflict, reader.Read(read => Ended(site, read, job))); }
            }

            return decide(site, job);
        });
        return command;
    }

    /// <summary>Why there is nothing to decide about a job, and which one there is in its place.</summary>
    private static string Ended(QueueSite site, IRead read, JobRecord job)
    {
        var (last, now) = (job, site.Time.GetUtcNow());
        while (last.Reason is DeadReason.Superseded && OpenOperations.InPlaceOf(read, last.Id) is { } next) { last = JobReads.Get(read, next)!; }
        if (last == job) { return $"Job {job.Id} has ended: {(job.Reason is DeadReason.Superseded ? "a later operation made it needless" : JobWords.State(job, now))}. There is nothing to take back; {site.Next("clear")} removes finished jobs."; }

        return $"Job {job.Id} was replaced by {last.Id}, which wants the same. " + (JobWords.Standing(last) is "closed" or "completed"
            ? $"That has ended, too: {JobWords.State(last, now)}."
            : $"{site.Next($"discard {last.Id}")} gives that up.");
    }

    private static async Task<int> CancelAsync(QueueSite site, JobRecord job)
    {
        var (answer, with) = await DecideAsync(site, job, new JobCommand.Cancel(job.Id));
        return answer switch
        {
            CancelAnswer.TooLate => throw new PosthouseException(ErrorCodes.JobStateConflict, $"Job {job.Id} has ended; there is nothing to take back. {site.Next($"discard {job.Id}")} gives it up where it failed."),
            CancelAnswer.CancelledBeforeSend => Answer(site, job, JobWords.Word(answer.Value), $"{site.Terminal.DoneMark} Cancelled: {site.TitleOf(job)} ({job.Id}){QueuedWork.Owed(site, job)}", with),
            _ => Answer(site, job, JobWords.Word(answer!.Value),
                $"{site.Terminal.NoteMark} Running, and asked to stop: {site.TitleOf(job)} ({job.Id}). It may still arrive; {site.Next($"show {job.Id}")} tells.", with, ExitCodes.Queued),
        };
    }

    private static async Task<int> DiscardAsync(QueueSite site, JobRecord job)
    {
        var (_, with) = await DecideAsync(site, job, new JobCommand.Discard(job.Id));
        return Answer(site, job, "discarded", $"{site.Terminal.DoneMark} Discarded: {site.TitleOf(job)} ({job.Id}){QueuedWork.Owed(site, job)}", with);
    }

    /// <summary>Carries a decision out, and ends with an acquire what would only fail without its lock, and with a push what would give back a lock before it.</summary>
    private static async Task<(CancelAnswer? Answer, List<JobRecord> With)> DecideAsync(QueueSite site, JobRecord job, JobCommand command)
    {
        await using var store = site.Open();
        return await store.WriteAsync(write =>
        {
            // Looked for before: what waits for the job is let go with it.
            var standing = OpenOperations.TryRead(job.Name, job.Payload) is { } operation && VcsSchema.IsIn(write) ? OperationQueue.StandingOn(write, job.Id, operation) : [];
            List<JobRecord> with = [.. standing.Select(one => JobReads.Get(write, one.Id)!)];
            var answer = Decisions.Run((Group)write, command, static _ => { }).Cancel;
            if (answer is CancelAnswer.RequestedWhileRunning or CancelAnswer.TooLate) { return (answer, []); }

            foreach (var one in standing) { Ending.Close((Group)write, one.Seq, DeadReason.Discarded, "What it waited for was given up."); }
            return (answer, with);
        });
    }

    private static int Answer(QueueSite site, JobRecord job, string result, string sentence, List<JobRecord> with, int code = ExitCodes.Done) => site.Answer(
        string.Join('\n', [sentence, .. WithIt(site, with), .. Kept(site, job, with)]),
        json =>
        {
            json.WriteString("id", job.Id.Value);
            json.WriteString("result", result);
            WriteWith(json, with);
        },
        code);

    /// <summary>What ended with a decision, and that nothing is lost by it.</summary>
    public static IEnumerable<string> WithIt(QueueSite site, IReadOnlyList<JobRecord> with)
    {
        IEnumerable<string> lines = with.Select(one => $"{site.Terminal.DoneMark} With it: {site.TitleOf(one)} ({one.Id})");
        return with.Any(one => one.Name == "vcs.push")
            ? lines.Append($"{site.Terminal.NoteMark} Your versions are still here: 'posthouse push' sends them anew, where nobody else has what they change")
            : lines;
    }

    /// <summary>The same for programs.</summary>
    public static void WriteWith(Utf8JsonWriter json, IEnumerable<JobRecord> with)
    {
        json.WriteStartArray("with");
        foreach (var one in with) { json.WriteStringValue(one.Id.Value); }
        json.WriteEndArray();
    }

    private static IEnumerable<string> Kept(QueueSite site, JobRecord job, List<JobRecord> with) => job.Name == "vcs.push" && with.Count > 0
        ? [$"{site.Terminal.NoteMark} What they were to give back stays locked, until 'posthouse lock release' says so anew"]
        : [];
}
