using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.Cli.Diagnostics;
using Posthouse.Cli.Hosting;
using Posthouse.Connectivity;
using Posthouse.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Diagnostics;

public sealed class OtlpExportTests
{
    [Fact]
    public async Task Metrics_and_traces_reach_the_collector_with_the_configured_header_and_without_secrets()
    {
        await using var collector = await Collector.StartAsync();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using (new OtlpExport(new OtlpSettings(collector.Address, IsGrpc: false, "x-key=abc")))
        {
            new PosthouseMetrics(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()).Enqueued("otlp.job");
            PosthouseTracing.StartEnqueue("otlp.job", JobId.Parse("msg-otlp-1"))!.Dispose();
            using (var run = PosthouseTracing.StartRun(new LeasedJob(new Lease(JobId.Parse("msg-otlp-1"), 1, 7), "otlp.job", 1, [])))
            {
                using (var exchange = PosthouseTracing.StartExchange(new ExchangeRequest(HttpMethod.Post, new Uri("http://client.example:8080/hooks/secret-path?token=secret-query"))))
                {
                    PosthouseTracing.Answered(exchange, 503);
                }

                PosthouseTracing.Ended(run, new Settlement(SettlementKind.Again) { Failure = new Failure(FailureKind.Transient, "it said secret-answer") });
            }
        }

        var (metrics, traces) = (collector.Taken("/v1/metrics"), collector.Taken("/v1/traces"));
        collector.Keys.ShouldAllBe(key => key == "abc");
        metrics.ShouldContain("posthouse.jobs.enqueued");
        foreach (var told in (string[])["enqueue otlp.job", "run otlp.job", "messaging.message.id", "msg-otlp-1", "client.example", "http.response.status_code", "posthouse"])
            traces.ShouldContain(told);
        (metrics + traces).ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz==")]
    [InlineData("50%25 of a; b=c")]
    public async Task A_header_arrives_as_the_file_has_it(string value)
    {
        using var folder = TempFolder.InMemory();
        var file = folder.File("headers");
        Durable.WriteAllBytesAtomically(file, Encoding.UTF8.GetBytes($"a=1\nx-key={value}\n"));
        await using var collector = await Collector.StartAsync();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using (new OtlpExport(OtlpSettings.Of(Given(("Telemetry:Otlp:Endpoint", collector.Address.ToString()), ("Telemetry:Otlp:HeadersFile", file)), _ => null)!))
        {
            new PosthouseMetrics(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()).Enqueued("otlp.job");
        }

        collector.Keys.ShouldContain(value);
    }

    [Fact]
    public async Task The_same_is_sent_by_grpc()
    {
        await using var collector = await Collector.StartAsync(isGrpc: true);
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using (new OtlpExport(new OtlpSettings(collector.Address, IsGrpc: true, "x-key=abc")))
        {
            new PosthouseMetrics(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()).Enqueued("otlp.job");
        }

        collector.Taken("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export").ShouldContain("posthouse.jobs.enqueued");
        collector.Keys.ShouldContain("abc");
    }

    [Fact]
    public async Task What_a_server_measures_is_sent_at_its_end_at_the_latest()
    {
        await using var collector = await Collector.StartAsync();
        await using (await Hosting.ServedMesh.StartAsync($"Telemetry:Otlp:Endpoint={collector.Address}")) { }

        foreach (var told in (string[])["posthouse.commit.duration", "dotnet.gc.collections", "service.version"])
            collector.Taken("/v1/metrics").ShouldContain(told);
    }

    [Fact]
    public void Nothing_is_sent_unless_a_key_or_a_variable_names_a_collector()
    {
        OtlpSettings.Of(Given(), _ => null).ShouldBeNull();
        OtlpSettings.Of(Given(), name => name == "OTEL_EXPORTER_OTLP_ENDPOINT" ? "http://a" : null).ShouldBe(new OtlpSettings(null, false, null), "the library reads its own variables");
        OtlpSettings.Of(Given(), name => name switch { "OTEL_EXPORTER_OTLP_ENDPOINT" => "http://a", OtlpSettings.ProtocolVariable => "grpc", _ => null })!.IsGrpc.ShouldBeTrue();
    }

    [Theory]
    [InlineData("http/protobuf", "http://c.example/v1/traces")]
    [InlineData("grpc", "http://c.example/")]
    public void Over_http_a_signal_has_a_path_of_its_own(string protocol, string expected) =>
        OtlpSettings.Of(Given(("Telemetry:Otlp:Endpoint", "http://c.example"), ("Telemetry:Otlp:Protocol", protocol)), _ => null)!.For("traces")!.AbsoluteUri.ShouldBe(expected);

    [Fact]
    public void A_protocol_or_a_header_that_cannot_be_used_is_refused_without_quoting_it()
    {
        using var folder = TempFolder.InMemory();
        var file = folder.File("headers");
        Durable.WriteAllBytesAtomically(file, Encoding.UTF8.GetBytes("a=1\nsecret\n"));
        Refusal(("Telemetry:Otlp:Protocol", "smtp")).ShouldContain("expected http/protobuf or grpc");
        Refusal(("Telemetry:Otlp:HeadersFile", file)).ShouldBe($"{file} has a line that is not name=value.");
        Durable.WriteAllBytesAtomically(file, Encoding.UTF8.GetBytes("a=secret,too\n"));
        Refusal(("Telemetry:Otlp:HeadersFile", file)).ShouldBe($"{file} has a line with a comma, which OpenTelemetry's library takes for the end of a field, also where it is encoded.");

        static string Refusal((string, string) more) =>
            Should.Throw<PosthouseException>(() => OtlpSettings.Of(Given(("Telemetry:Otlp:Endpoint", "http://c.example"), more), _ => null)).Message;
    }

    private static Configuration Given(params (string Key, string Value)[] given) => Configuration.From(given.Select(one => new GivenValue(one.Key, one.Value, "test")));

    /// <summary>Takes what is exported over HTTP, as bytes in which names stand as they are.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _taken = new();

        public ConcurrentQueue<string> Keys { get; } = new();

        public Uri Address => new(app.Urls.First());

        public static async Task<Collector> StartAsync(bool isGrpc = false)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
            var collector = new Collector(builder.Build());
            await collector.RunAsync();
            return collector;
        }

        public string Taken(string path) => string.Concat(_taken.Where(one => one.Path == path).Select(one => one.Body));

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task RunAsync()
        {
            app.MapPost("/{**signal}", async (HttpContext context) =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                if (context.Request.Headers["x-key"].FirstOrDefault() is { } key) { Keys.Enqueue(key); }
                _taken.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
                if (context.Request.ContentType is "application/grpc")
                {
                    context.Response.ContentType = "application/grpc";
                    await context.Response.Body.WriteAsync(new byte[5]); // An empty message.
                    context.Response.AppendTrailer("grpc-status", "0");
                }
            });
            return app.StartAsync();
        }
    }
}
