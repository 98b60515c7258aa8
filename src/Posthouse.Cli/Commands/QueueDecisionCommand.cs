using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue cancel|discard|remove ID</c>: three ways to take a job out.</summary>
internal static class QueueDecisionCommand
{
    public static Command CreateCancel(TimeProvider time) =>
        Create(time, "cancel", "Takes a job back; a running one is asked to stop and may still arrive", CancelAsync);

    public static Command CreateDiscard(TimeProvider time) =>
        Create(time, "discard", "Gives a failed or waiting job up: its optimistic result is taken back, and what waits behind it goes on", DiscardAsync);

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
            using (var reader = site.LookInside()) { job = reader.Read(read => QueueSite.Find(read, parsed.GetRequiredValue(id))); }
            return decide(site, job);
        });
        return command;
    }

    private static async Task<int> CancelAsync(QueueSite site, JobRecord job)
    {
        var answer = (await site.DecideAsync(new JobCommand.Cancel(job.Id))).Cancel!.Value;
        if (answer is CancelAnswer.TooLate)
        {
            throw new PosthouseException(ErrorCodes.JobStateConflict, $"Job {job.Id} has ended; there is nothing to take back. 'posthouse queue clear' removes finished jobs.");
        }

        return Answer(site, job, JobWords.Word(answer), answer is CancelAnswer.CancelledBeforeSend
            ? $"{site.Terminal.DoneMark} Cancelled: {site.TitleOf(job)} ({job.Id})"
            : $"{site.Terminal.NoteMark} Running, and asked to stop: {site.TitleOf(job)} ({job.Id}). It may still arrive; 'posthouse queue show' tells.",
            answer is CancelAnswer.CancelledBeforeSend ? ExitCodes.Done : ExitCodes.Queued);
    }

    private static async Task<int> DiscardAsync(QueueSite site, JobRecord job)
    {
        var behind = PushesBehind(site, job);
        await site.DecideAsync(new JobCommand.Discard(job.Id));
        var sentence = $"{site.Terminal.DoneMark} Discarded: {site.TitleOf(job)} ({job.Id})";
        return Answer(site, job, "discarded", behind == 0 ? sentence
            : sentence + $"\n{site.Terminal.WarningMark} The push that was queued with it does not go without that lock: say 'posthouse push' anew, which takes its place and goes where nobody else has what it changes");
    }

    /// <summary>How many pushes were to go with the lock that a job asks for.</summary>
    private static int PushesBehind(QueueSite site, JobRecord job)
    {
        if (OpenOperations.TryRead(job.Name, job.Payload) is not AcquireLock acquire) { return 0; }

        using var reader = site.LookInside();
        var path = ResourceKey.Of(acquire.Resource).Path;
        return reader.Read(read => VcsSchema.IsIn(read) ? OpenOperations.Of(read, acquire.CloneId) : [])
            .Count(operation => operation.Operation is PushCommits { IsFenced: true, Needs: { } needs } && needs.Contains(path));
    }

    private static int Answer(QueueSite site, JobRecord job, string result, string sentence, int code = ExitCodes.Done) => site.Answer(
        sentence,
        json =>
        {
            json.WriteString("id", job.Id.Value);
            json.WriteString("result", result);
        },
        code);
}
