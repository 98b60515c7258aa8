using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Diagnostics;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>What is lost beside a job that is given up.</summary>
/// <param name="Sentence">In a few words.</param>
/// <param name="More">What is to be done about it, and where.</param>
internal sealed record Loss(string Sentence, RenderFragment More);

/// <summary>What can be decided about one job: each is asked once, done by the queue itself, and told on the job's page.</summary>
internal static class JobActions
{
    private const string PayloadField = "payload";

    /// <summary>What was done, by the word that the address of the next page carries: nobody can put a sentence of his own into it.</summary>
    private static readonly Dictionary<string, string> _said = new(StringComparer.Ordinal)
    {
        ["retried"] = "Retried: it is tried again now, with its counts at zero.",
        ["edited"] = "Edited: this job, with the new payload, is in the place of the old one.",
        ["cancelled"] = "Cancelled, before it was sent.",
        ["stopping"] = "Asked to stop. It runs, and may still arrive.",
        ["too-late"] = "Too late: it had ended already.",
        ["discarded"] = "Discarded: its optimistic result was taken back.",
        ["unserved"] = "Discarded: its order will not be served, and its client is to have the money back.",
    };

    /// <summary>The sentence on what was done before this page; null: nothing.</summary>
    public static string? Said(IQueryCollection query) => _said.GetValueOrDefault(query["done"].ToString());

    /// <summary>Maps them.</summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="edge">What pages have in common.</param>
    /// <param name="loss">What a room loses when its job is given up; null: nothing but the job.</param>
    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge, Func<IServiceProvider, JobRecord, Task<Loss?>> loss)
    {
        Map(endpoints, edge, "retry", "Retry this job?", "Retry", job => $"{Named(job)} is tried again at once: the same id, and its counts at zero.", false, async (queue, job) =>
        {
            await queue.RetryAsync(job.Id);
            return "retried";
        });
        Map(endpoints, edge, "cancel", "Cancel this job?", "Cancel the job", job => $"{Named(job)} is taken back. If it runs already it is asked to stop, and may still arrive.", true, async (queue, job) =>
            await queue.CancelAsync(job.Id) switch { CancelAnswer.CancelledBeforeSend => "cancelled", CancelAnswer.TooLate => "too-late", _ => "stopping" });
        MapDiscard(endpoints, edge, loss);
        endpoints.MapAction(edge, "/queue/edit", AskForEditAsync, EditAsync);
    }

    private static void MapDiscard(IEndpointRouteBuilder endpoints, DashboardEdge edge, Func<IServiceProvider, JobRecord, Task<Loss?>> loss) => endpoints.MapAction(edge, "/queue/discard",
        async context =>
        {
            var job = await JobPage.FindAsync(context.RequestServices, context.Request.Query["id"]);
            var lost = await loss(context.RequestServices, job);
            var sentence = $"{Named(job)} is given up for good: {lost?.Sentence ?? "its optimistic result is taken back, and what waits behind it goes on."}";
            return new Question(sentence, "Discard the job", "/queue/discard", JobFace.Path(job.Id)) { IsGrave = true, Fields = [("id", job.Id.Value)], More = lost?.More }.Page("Discard this job?", Room.Queue, context);
        },
        (context, form) => DecideAsync(context, form, async job =>
        {
            await context.RequestServices.GetRequiredService<JobQueue>().DiscardAsync(job.Id);
            return See(context, job, await loss(context.RequestServices, job) is null ? "discarded" : "unserved");
        }));

    private static void Map(
        IEndpointRouteBuilder endpoints, DashboardEdge edge, string verb, string title, string button, Func<JobRecord, string> sentence, bool isGrave, Func<JobQueue, JobRecord, Task<string>> decide) =>
        endpoints.MapAction(edge, "/queue/" + verb,
            async context =>
            {
                var job = await JobPage.FindAsync(context.RequestServices, context.Request.Query["id"]);
                return new Question(sentence(job), button, "/queue/" + verb, JobFace.Path(job.Id)) { IsGrave = isGrave, Fields = [("id", job.Id.Value)] }.Page(title, Room.Queue, context);
            },
            (context, form) => DecideAsync(context, form, async job => See(context, job, await decide(context.RequestServices.GetRequiredService<JobQueue>(), job))));

    /// <summary>Decides about the job of a form. What the queue refuses is told with the way back to the job, which says how it stands.</summary>
    private static async Task<IResult> DecideAsync(HttpContext context, IFormCollection form, Func<JobRecord, Task<IResult>> decide)
    {
        var job = await JobPage.FindAsync(context.RequestServices, form["id"]);
        try
        {
            return await decide(job);
        }
        catch (PosthouseException refused)
        {
            return DashboardEdge.Failed(refused, JobFace.Path(job.Id));
        }
    }

    private static async Task<IResult> AskForEditAsync(HttpContext context)
    {
        var job = await JobPage.FindAsync(context.RequestServices, context.Request.Query["id"]);
        return job.Payload.Length <= Payloads.MaxEdited && Payloads.Pretty(job.Payload) is { } text
            ? EditPage(context, job, text, null)
            : DashboardEdge.Failed(StatusCodes.Status400BadRequest, ErrorCodes.JobTooLarge, "Its payload is no JSON, or too large to be edited here. Use: posthouse queue retry ID --edit FILE", JobFace.Path(job.Id));
    }

    private static Task<IResult> EditAsync(HttpContext context, IFormCollection form) => DecideAsync(context, form, async job =>
    {
        var text = form[PayloadField].ToString();
        if (Payloads.Compact(text) is not { } payload) { return EditPage(context, job, text, "This is no JSON; nothing was changed.") with { Status = StatusCodes.Status400BadRequest }; }

        var id = await context.RequestServices.GetRequiredService<JobQueue>().RetryEditedAsync(job.Id, payload);
        context.RequestServices.GetRequiredService<Reading<QueueStanding>>().Forget();
        return Results.Redirect(JobFace.Path(id) + "&done=edited");
    });

    private static Page EditPage(HttpContext context, JobRecord job, string text, string? wrong) =>
        new Question($"{Named(job)} is discarded, and a job with the payload below takes its place, under a new id.", "Edit and retry", "/queue/edit", JobFace.Path(job.Id))
        {
            Fields = [("id", job.Id.Value)],
            More = PayloadEditor.Of(PayloadField, text, wrong),
        }.Page("Edit and retry this job?", Room.Queue, context);

    private static IResult See(HttpContext context, JobRecord job, string done)
    {
        context.RequestServices.GetRequiredService<Reading<QueueStanding>>().Forget();
        return Results.Redirect(JobFace.Path(job.Id) + "&done=" + done);
    }

    private static string Named(JobRecord job) => job.Destination.Length > 0 ? $"{job.Name} to {JobFace.Destination(job.Destination)} ({job.Id})" : $"{job.Name} ({job.Id})";
}
