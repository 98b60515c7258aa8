using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Diagnostics;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>The queue as a list.</summary>
/// <param name="Filter">Which jobs.</param>
/// <param name="Counts">How many stand where.</param>
/// <param name="Jobs">One page of them.</param>
/// <param name="Next">The page after; null: there is none.</param>
/// <param name="Now">When.</param>
internal sealed record QueueView(QueueFilter Filter, QueueCounts Counts, IReadOnlyList<JobRecord> Jobs, QueueFilter? Next, DateTimeOffset Now);

/// <summary><c>/queue</c>: pages of jobs in the order they were accepted.</summary>
internal static class QueuePage
{
    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge) => endpoints.MapPage(edge, Room.Queue.Path, async context =>
    {
        var view = await LookAsync(context.RequestServices, QueueFilter.Of(context.Request.Query), edge.Time.GetUtcNow());
        return context.Request.Query["part"] == "list"
            ? new Part(QueueList.Of(view))
            : new Page("Queue", Room.Queue, QueueList.Page(view)) { Done = PauseActions.Said(context.Request.Query) };
    });

    private static async Task<QueueView> LookAsync(IServiceProvider services, QueueFilter filter, DateTimeOffset now)
    {
        var jobs = await services.GetRequiredService<JobQueue>().ListAsync(filter.Query);
        var counts = (await services.GetRequiredService<Reading<QueueStanding>>().GetAsync()).All;
        var shown = jobs.Take(QueueFilter.Size).ToList();
        return new(filter, counts, shown, jobs.Count > shown.Count ? filter with { After = shown[^1].Seq } : null, now);
    }
}
