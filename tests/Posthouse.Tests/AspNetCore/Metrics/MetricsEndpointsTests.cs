using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Metrics;
using Posthouse.Connectivity;
using Posthouse.Diagnostics;
using Posthouse.Hosting;
using Posthouse.Storage;
using Posthouse.Tests.Cli.Commands;
using Posthouse.Tests.Cli.Hosting;

namespace Posthouse.Tests.AspNetCore.Metrics;

public sealed class MetricsEndpointsTests
{
    private const string From = "X-Test-From";
    private const string Token = "correct horse battery staple";

    [Fact]
    public async Task A_collector_reads_the_queue_its_destinations_and_what_was_counted_since_the_start()
    {
        await using var app = await StartAsync(null);
        var services = app.Services;
        await services.GetRequiredService<IJobStore>().EnqueueAsync([QueueStage.Draft("mail-1"), QueueStage.Draft("mail-2")]);
        services.GetRequiredService<PosthouseMetrics>().Enqueued("mail.send");
        services.GetRequiredService<PosthouseMetrics>().Settled("mail.send", SettlementKind.Done, TimeSpan.FromSeconds(2));
        services.GetRequiredService<PosthouseMetrics>().Settled("mail.send", SettlementKind.Dead, TimeSpan.FromSeconds(4));
        services.GetRequiredService<IConnectivity>().Report("here", reached: true);
        for (var misses = 0; misses < DestinationHealth.MissesToOffline; misses++) { services.GetRequiredService<IConnectivity>().Report("away", reached: false); }

        var (status, text) = await AskAsync(app, "127.0.0.1", null);

        status.ShouldBe(HttpStatusCode.OK);
        var told = PrometheusReader.Parse(text);
        (told["posthouse_queue_jobs{posthouse_state=\"ready\"}"], told["posthouse_queue_jobs{posthouse_state=\"failed\"}"]).ShouldBe((2, 0));
        told["posthouse_queue_oldest_age_seconds"].ShouldBeInRange(0, 60);
        told["posthouse_queue_payload_size_bytes"].ShouldBePositive();
        (told["posthouse_queue_paused"], told["posthouse_queue_paused_destinations"]).ShouldBe((0, 0));
        (told["posthouse_destinations{posthouse_state=\"online\"}"], told["posthouse_destinations{posthouse_state=\"offline\"}"]).ShouldBe((1, 1));
        told["posthouse_jobs_enqueued_total{posthouse_job_name=\"mail.send\"}"].ShouldBe(1);
        told["posthouse_attempt_duration_seconds_bucket{posthouse_job_name=\"mail.send\",posthouse_outcome=\"done\",le=\"2.5\"}"].ShouldBe(1);
        told["posthouse_attempt_duration_seconds_sum{posthouse_job_name=\"mail.send\",posthouse_outcome=\"dead\"}"].ShouldBe(4);
        told.Keys.ShouldContain(name => name.StartsWith("dotnet_", StringComparison.Ordinal), "the runtime's own");
    }

    [Fact]
    public async Task A_queue_that_has_stopped_tells_no_counts_rather_than_wrong_ones()
    {
        await using var app = await StartAsync(null);
        await app.Services.GetRequiredService<PosthouseHost>().StopAsync();
        await app.Services.GetRequiredService<IJobStore>().DisposeAsync();

        var (status, text) = await AskAsync(app, "127.0.0.1", null);

        status.ShouldBe(HttpStatusCode.OK);
        PrometheusReader.Parse(text).Keys.ShouldNotContain(name => name.StartsWith("posthouse_queue_jobs", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "127.0.0.1", "localhost", null, HttpStatusCode.OK)]
    [InlineData(null, "::1", "[::1]:6060", null, HttpStatusCode.OK)]
    [InlineData(null, "192.0.2.1", "posthouse.example", null, HttpStatusCode.Forbidden)]
    [InlineData(null, "127.0.0.1", "rebound.example", null, HttpStatusCode.Forbidden)]
    [InlineData(Token, "192.0.2.1", "posthouse.example", Token, HttpStatusCode.OK)]
    [InlineData(Token, "192.0.2.1", "posthouse.example", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData(Token, "192.0.2.1", "posthouse.example", null, HttpStatusCode.Unauthorized)]
    [InlineData(Token, "127.0.0.1", "127.0.0.1:6060", null, HttpStatusCode.OK)]
    public async Task It_answers_this_machine_and_who_knows_the_token(string? token, string from, string host, string? sent, HttpStatusCode expected)
    {
        await using var app = await StartAsync(token);

        var (status, text) = await AskAsync(app, from, sent, host);

        status.ShouldBe(expected);
        text.Contains("posthouse_", StringComparison.Ordinal).ShouldBe(expected is HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Forwarded")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Real-IP")]
    [InlineData("Via")]
    public async Task What_a_proxy_passes_on_is_not_taken_for_this_machine(string header)
    {
        await using var app = await StartAsync(null);

        (await AskAsync(app, "127.0.0.1", null, passedOn: header)).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_token_that_could_be_guessed_is_refused_at_the_start() =>
        (await Should.ThrowAsync<PosthouseException>(() => StartAsync(new string('x', MetricsEndpoints.MinTokenLength - 1)))).Code.ShouldBe(ErrorCodes.OptionsInvalid);

    [Fact]
    public async Task A_server_tells_all_rooms_and_a_node_under_the_names_of_its_own_route()
    {
        await using var served = await (await ServedMesh.StartAsync("Mesh:Provide=true", "Ivxp:Services:0:Type=echo", "Ivxp:Services:0:PriceUsdc=1",
            "Ivxp:Services:0:Exec:0=cat", "Ivxp:Services:0:Description=echo", "Ivxp:RpcUrl=http://127.0.0.1:1", $"Ivxp:Wallet:KeyFile={await WalletAsync()}")).WithPricesAsync();
        using var client = new HttpClient { BaseAddress = new Uri(served.Announced[0]["Serving ".Length..]) };

        var own = PrometheusReader.Parse(await client.GetStringAsync("/api/mesh/metrics"));
        var all = PrometheusReader.Parse(await client.GetStringAsync("/metrics"));

        // A histogram of the meters has no series before its first value, and labels may come in another order.
        own.Keys.Where(name => !name.Contains('{', StringComparison.Ordinal) && !name.EndsWith("_sum", StringComparison.Ordinal) && !name.EndsWith("_count", StringComparison.Ordinal))
            .ShouldBeSubsetOf(all.Keys);
        all["mesh_is_provider"].ShouldBe(1);
        all["posthouse_ivxp_orders{posthouse_state=\"quoted\"}"].ShouldBe(0);
        all.Keys.ShouldContain(name => name.StartsWith("http_server_request_duration_seconds_bucket{", StringComparison.Ordinal));
    }

    private static async Task<string> WalletAsync()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("posthouse-metrics-").FullName, "key");
        (await Posthouse.Cli.Hosting.CommandLine.RunAsync(Posthouse.Cli.Program.CreateRoot(TimeProvider.System), ["wallet", "new", "--file", file], TextWriter.Null, TextWriter.Null)).ShouldBe(0);
        return file;
    }

    private static async Task<WebApplication> StartAsync(string? token)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddPosthouse(options => options.Dispatches = false);
        builder.Services.AddPosthouseMetrics();
        var app = builder.Build();
        app.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = IPAddress.Parse(context.Request.Headers[From].ToString());
            return next(context);
        });
        app.MapPosthouseMetrics(token);
        await app.StartAsync();
        return app;
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(WebApplication app, string from, string? token, string host = "localhost", string? passedOn = null)
    {
        using var client = app.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { From, from } } };
        request.Headers.Host = host;
        if (passedOn is not null) { request.Headers.TryAddWithoutValidation(passedOn, "127.0.0.1"); }
        if (token is not null) { request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token); }
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
