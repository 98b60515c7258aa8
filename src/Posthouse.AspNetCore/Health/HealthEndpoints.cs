using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Posthouse.Hosting;
using Posthouse.Mesh.Hosting;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Health;

/// <summary>Tells a load balancer, a supervisor or a person whether this process does its work.</summary>
public static class HealthEndpoints
{
    /// <summary>
    /// Maps <c>GET /health</c>, <c>/health/live</c> and <c>/health/ready</c>. The first is 200 with <c>{"status":"ok","jobs":{…}}</c> while the
    /// store answers and the queue runs; 503 with <c>{"status":"unavailable","code":…}</c> when it does not. The counts are those of <see cref="QueueCounts"/>; neither
    /// names nor contents of jobs are shown. <c>live</c> is 200 as long as the process answers; <c>ready</c> is 200 once everything that it
    /// serves is loaded — a node of the price mesh, too — and 503 while it starts or stops, or where a part of it has failed.
    /// </summary>
    /// <param name="endpoints">Where to map it. <c>AddPosthouse</c> must have been called on its services.</param>
    public static IEndpointConventionBuilder MapPosthouseHealth(this IEndpointRouteBuilder endpoints)
    {
        var health = endpoints.MapGroup("/health");
        health.MapGet("", AnswerAsync);
        health.MapGet("/live", context => JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, static json => json.WriteString("status", "live")));
        health.MapGet("/ready", ReadyAsync);
        return health;
    }

    internal static async Task ReadyAsync(HttpContext context)
    {
        string? missing;
        try
        {
            missing = Missing(context.RequestServices);
            if (missing is null)
                await context.RequestServices.GetRequiredService<IJobStore>().LastPositionAsync(); // Asked often: one row, and no counting.
        }
        catch (PosthouseException failure)
        {
            missing = failure.Code;
        }

        await (missing is null
            ? JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, static json => json.WriteString("status", "ready"))
            : JsonAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, json => Unavailable(json, missing)));
    }

    /// <summary>Why requests should go elsewhere; null: they are answered here.</summary>
    private static string? Missing(IServiceProvider services)
    {
        var life = services.GetRequiredService<IHostApplicationLifetime>();
        return life.ApplicationStopping.IsCancellationRequested ? "STOPPED"
            : !life.ApplicationStarted.IsCancellationRequested ? "STARTING"
            : services.GetRequiredService<PosthouseHost>().Completion.IsCompleted ? "STOPPED"
            : services.GetService<MeshHost>() is not { } mesh ? null
            : !mesh.IsRunning ? "MESH_NOT_RUNNING"
            : mesh.Node.Completion.IsFaulted ? "MESH_FAILED"
            : null;
    }

    internal static async Task AnswerAsync(HttpContext context)
    {
        var services = context.RequestServices;
        try
        {
            if (services.GetRequiredService<PosthouseHost>().Completion.IsCompleted)
            {
                await JsonAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, json => Unavailable(json, "STOPPED"));
                return;
            }

            var counts = await services.GetRequiredService<JobQueue>().CountAsync();
            await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json => Healthy(json, counts));
        }
        catch (PosthouseException failure)
        {
            await JsonAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, json => Unavailable(json, failure.Code));
        }
    }

    private static void Healthy(Utf8JsonWriter json, QueueCounts counts)
    {
        json.WriteString("status", "ok");
        json.WriteStartObject("jobs");
        json.WriteNumber("ready", counts.Ready);
        json.WriteNumber("scheduled", counts.Scheduled);
        json.WriteNumber("waiting", counts.Waiting);
        json.WriteNumber("held", counts.Held);
        json.WriteNumber("running", counts.Running);
        json.WriteNumber("completed", counts.Done);
        json.WriteNumber("failed", counts.Failed);
        json.WriteNumber("closed", counts.Closed);
        json.WriteEndObject();
        json.WriteBoolean("paused", counts.Paused);
    }

    /// <summary>The code and no message: messages name files of this machine.</summary>
    private static void Unavailable(Utf8JsonWriter json, string code)
    {
        json.WriteString("status", "unavailable");
        json.WriteString("code", code);
    }
}
