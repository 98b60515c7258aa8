using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Health;
using Posthouse.Hosting;
using Posthouse.Storage;
using Posthouse.Tests.Cli.Commands;

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
    }
}
