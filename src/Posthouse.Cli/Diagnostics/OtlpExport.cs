using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Posthouse.Cli.Diagnostics;

/// <summary>Sends metrics and traces to a collector until it is disposed of, with OpenTelemetry's own library.</summary>
internal sealed class OtlpExport : IDisposable
{
    /// <summary>One export, and the last ones together: a collector that is away must not hold up the server's end for longer than this.</summary>
    private const int TimeoutMilliseconds = 5_000;

    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;

    public OtlpExport(OtlpSettings settings)
    {
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource())
            .AddMeter("Posthouse", "Posthouse.*", "System.Runtime", "Microsoft.AspNetCore.Hosting")
            .AddOtlpExporter(options => Apply(options, settings, "metrics")).Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource())
            // Without the server's own spans those of jobs that a request enqueues would have a parent that nobody records.
            .AddSource("Posthouse", "Microsoft.AspNetCore").AddProcessor(new AddressRemoval())
            .AddOtlpExporter(options => Apply(options, settings, "traces")).Build();
    }

    /// <summary>Sends what is left.</summary>
    public void Dispose()
    {
        // At once: each of them waits for the collector.
        Parallel.Invoke(() => _traces.Shutdown(TimeoutMilliseconds), () => _metrics.Shutdown(TimeoutMilliseconds));
        _traces.Dispose();
        _metrics.Dispose();
    }

    /// <summary>Who tells. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before what the program knows.</summary>
    private static ResourceBuilder Resource() => ResourceBuilder.CreateEmpty()
        .AddService("posthouse", serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3)).AddTelemetrySdk().AddEnvironmentVariableDetector();

    private static void Apply(OtlpExporterOptions options, OtlpSettings settings, string signal)
    {
        options.Protocol = settings.IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        options.TimeoutMilliseconds = TimeoutMilliseconds;
        if (settings.For(signal) is { } endpoint) { options.Endpoint = endpoint; }
        if (settings.Headers is { } headers) { options.Headers = headers; }
    }

    /// <summary>
    /// Takes what names a page's address off the server's spans: whoever knows an order's id may fetch it. The route, which has none, stays.
    /// </summary>
    private sealed class AddressRemoval : BaseProcessor<Activity>
    {
        private static readonly string[] _addresses = ["url.path", "url.query", "url.full", "http.url", "http.target"];

        public override void OnEnd(Activity data)
        {
            foreach (var tag in _addresses) { data.SetTag(tag, null); }
        }
    }
}
