using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Health;
using Posthouse.Hosting;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;
using Posthouse.Storage;
using Posthouse.Tests.Cli.Commands;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.AspNetCore.Health;

public sealed class HealthEndpointsTests
{
    [Fact]
    public async Task A_queue_that_runs_is_healthy_and_one_that_has_stopped_is_not()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddPosthouse(options => options.Dispatches = false);
        await using var app = builder.Build();
        app.MapPosthouseHealth();
        await app.StartAsync();
        await app.Services.GetRequiredService<IJobStore>().EnqueueAsync([QueueStage.Draft("mail-1")]);
        using var client = app.GetTestClient();

        using var healthy = await client.GetAsync("/health");
        healthy.StatusCode.ShouldBe(HttpStatusCode.OK);
        var body = await healthy.Content.ReadFromJsonAsync<JsonElement>();
        (body.GetProperty("status").GetString(), body.GetProperty("jobs").GetProperty("ready").GetInt64()).ShouldBe(("ok", 1));

        await app.Services.GetRequiredService<PosthouseHost>().StopAsync();
        using var stopped = await client.GetAsync("/health");
        stopped.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await stopped.Content.ReadAsStringAsync()).ShouldBe("""{"status":"unavailable","code":"STOPPED"}""");
        (await AskAsync(client, "/health/ready")).ShouldBe((HttpStatusCode.ServiceUnavailable, "STOPPED"));
        (await AskAsync(client, "/health/live")).ShouldBe((HttpStatusCode.OK, null));
    }

    [Fact]
    public async Task Requests_are_wanted_once_all_is_loaded_and_until_it_stops()
    {
        using var folder = TempFolder.InMemory();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddPosthouse(options => options.Dispatches = false);
        builder.Services.AddMesh(new MeshOptions { Folder = folder.Path, Trust = TrustMode.Open });
        await using var app = builder.Build();
        app.MapPosthouseHealth();
        (await ReadyAsync(app)).ShouldBe((503, """{"status":"unavailable","code":"STARTING"}"""));
        await app.StartAsync();
        using var client = app.GetTestClient();
        (await AskAsync(client, "/health/ready")).ShouldBe((HttpStatusCode.OK, null));

        await app.Services.GetRequiredService<MeshHost>().StopAsync(default);
        (await AskAsync(client, "/health/ready")).ShouldBe((HttpStatusCode.ServiceUnavailable, "MESH_NOT_RUNNING"));
        (await AskAsync(client, "/health")).ShouldBe((HttpStatusCode.OK, null));
        app.Lifetime.StopApplication();
        (await ReadyAsync(app)).ShouldBe((503, """{"status":"unavailable","code":"STOPPED"}"""));
    }

    private static async Task<(HttpStatusCode Status, string? Code)> AskAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>()).TryGetProperty("code", out var code) ? code.GetString() : null);
    }

    /// <summary>Asks without a server, which takes no requests before its start.</summary>
    private static async Task<(int Status, string Body)> ReadyAsync(WebApplication app)
    {
        var context = new DefaultHttpContext { RequestServices = app.Services };
        context.Response.Body = new MemoryStream();
        await HealthEndpoints.ReadyAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()));
    }
}
