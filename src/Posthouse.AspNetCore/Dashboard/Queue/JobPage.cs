using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>One job, with all that is known of it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Files">Files it holds.</param>
/// <param name="Events">The last that happened to it, oldest first.</param>
/// <param name="Now">When.</param>
internal sealed record JobView(JobRecord Job, IReadOnlyList<StoredFile> Files, IReadOnlyList<StoredEvent> Events, DateTimeOffset Now);

/// <summary><c>/queue/job?id=ID</c>.</summary>
internal static class JobPage
{
    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge) => endpoints.MapPage(edge, "/queue/job", async context =>
    {
        var query = context.Request.Query;
        var job = await FindAsync(context.RequestServices, query["id"]);
        if (query["part"] != "job")
        {
            return new Page(job.Name, Room.Queue, JobCard.Of(await LookAsync(context.RequestServices, job, edge.Time.GetUtcNow()))) { Done = JobActions.Said(query) };
        }

        // The log is looked through for its events: not while nothing happened to it.
        return query["stamp"] == JobFace.Stamp(job)
            ? Results.NoContent()
            : new Part(JobCard.Of(await LookAsync(context.RequestServices, job, edge.Time.GetUtcNow())));
    });

    /// <summary>The job that a request names.</summary>
    /// <exception cref="PosthouseException">JOB_NOT_FOUND.</exception>
    public static async Task<JobRecord> FindAsync(IServiceProvider services, string? id) =>
        JobId.TryParse(id, out var known) && await services.GetRequiredService<JobQueue>().GetAsync(known) is { } job
            ? job
            : throw new PosthouseException(ErrorCodes.JobNotFound, "No such job is here. Finished jobs are removed after a time; the queue's page shows those that are kept.");

    private static async Task<JobView> LookAsync(IServiceProvider services, JobRecord job, DateTimeOffset now)
    {
        var store = services.GetRequiredService<IJobStore>();
        var files = store is IStore database ? await database.ReadAsync(read => Foremost.Files(read, job.Id)) : [];
        return new(job, files, await JobStory.ReadAsync(store, job), now);
    }
}
