using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;

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
        await site.DecideAsync(new JobCommand.Discard(job.Id));
        return Answer(site, job, "discarded", $"{site.Terminal.DoneMark} Discarded: {site.TitleOf(job)} ({job.Id})");
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
