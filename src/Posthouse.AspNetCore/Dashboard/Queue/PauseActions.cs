using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Diagnostics;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>What can be decided about the whole queue, or about one destination's jobs.</summary>
internal static class PauseActions
{
    private const string Field = "destination";

    /// <summary>The sentence on what was done before this page; null: nothing.</summary>
    public static string? Said(IQueryCollection query) => query["done"].ToString() switch
    {
        "paused" => "Paused. Running jobs end; no other begins.",
        "resumed" => "Resumed.",
        "cleared" when int.TryParse(query["number"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) => $"Cleared: {Bits.Number(number)} finished job(s) removed.",
        _ => null,
    };

    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge)
    {
        Map(endpoints, edge, "pause", "Pause", "begins until they are resumed; running ones end. It is kept across restarts.", (queue, destination) => queue.PauseAsync(destination));
        Map(endpoints, edge, "resume", "Resume", "is held back any more by the pause.", (queue, destination) => queue.ResumeAsync(destination));
        endpoints.MapAction(edge, "/queue/clear", AskForClear, ClearAsync);
    }

    private static Task<IResult> AskForClear(HttpContext context)
    {
        const string Sentence = "Jobs that are completed or closed are removed now, unless somebody has still to hear of them. Nothing that waits, runs or failed is touched.";
        var question = new Question(Sentence, "Clear finished jobs", "/queue/clear", Room.Queue.Path) { IsGrave = true };
        return Task.FromResult<IResult>(question.Page("Clear finished jobs?", Room.Queue, context));
    }

    private static async Task<IResult> ClearAsync(HttpContext context, IFormCollection form)
    {
        var removed = await context.RequestServices.GetRequiredService<JobQueue>().ClearAsync();
        context.RequestServices.GetRequiredService<Reading<QueueStanding>>().Forget();
        return Results.Redirect(string.Create(CultureInfo.InvariantCulture, $"/queue?done=cleared&number={removed}"));
    }

    private static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge, string verb, string button, string rest, Func<JobQueue, string?, Task> decide) => endpoints.MapAction(edge, "/queue/" + verb,
        context =>
        {
            var destination = context.Request.Query[Field].ToString();
            var what = destination.Length > 0 ? $"jobs to {JobFace.Destination(destination)}" : "the whole queue";
            var sentence = $"{(destination.Length > 0 ? "No job to " + JobFace.Destination(destination) : "No job")} {rest}";
            return Task.FromResult<IResult>(new Question(sentence, button, "/queue/" + verb, Room.Queue.Path) { Fields = [(Field, destination)] }.Page($"{button} {what}?", Room.Queue, context));
        },
        async (context, form) =>
        {
            var queue = context.RequestServices.GetRequiredService<JobQueue>();
            foreach (var stored in await StoredAsync(context.RequestServices, form[Field].ToString())) { await decide(queue, stored); }
            context.RequestServices.GetRequiredService<Reading<QueueStanding>>().Forget();
            return Results.Redirect($"/queue?done={verb}d");
        });

    /// <summary>The names under which the store has a destination; null stands for everything.</summary>
    private static async Task<IReadOnlyList<string?>> StoredAsync(IServiceProvider services, string given) =>
        given.Length == 0 ? new string?[] { null }
        : services.GetRequiredService<IJobStore>() is IStore store ? await store.ReadAsync(read => Pauses.Stored(read, given))
        : [given];
}
