using static Posthouse.Cli.Hosting.ValueForm;

namespace Posthouse.Cli.Hosting;

/// <summary>The keys of what an operator watches a server with. They stand in <see cref="ConfigurationKeys.All"/>.</summary>
internal static class OperatingKeys
{
    public const string Proxies = "Proxies";
    public const string LogFormat = "Logging:Format";
    public const string LogLevel = "Logging:Level";
    public const string MetricsTokenFile = "Metrics:TokenFile";
    public const string OtlpEndpoint = "Telemetry:Otlp:Endpoint";
    public const string OtlpProtocol = "Telemetry:Otlp:Protocol";
    public const string OtlpHeadersFile = "Telemetry:Otlp:HeadersFile";

    public static readonly ConfigurationKey[] All =
    [
        new(Proxies + ":*", Text, null, false, "The address of a proxy that is not on this machine, or its network such as 172.17.0.0/16, that is believed about X-Forwarded-For and X-Forwarded-Proto; those on this machine always are."),
        new(LogFormat, Text, "text", false, "How the server writes its log: text, or json with one object a line."),
        new(LogLevel, Text, null, false, "How much it writes: trace, debug, info, warning or error; otherwise the variable POSTHOUSE_LOG decides, else info."),
        new(MetricsTokenFile, Text, null, false, "The file of the token that collectors on other machines send for /metrics, at least 20 characters, readable by its owner alone; without one only this machine is answered."),
        new(OtlpEndpoint, Url, null, false, "Where metrics and traces are sent by OTLP: the address of a collector; without one nothing is sent, unless a variable of OpenTelemetry names one."),
        new(OtlpProtocol, Text, null, false, "How they are sent: http/protobuf or grpc; otherwise OTEL_EXPORTER_OTLP_PROTOCOL decides, else http/protobuf."),
        new(OtlpHeadersFile, Text, null, false, "The file with header fields that go along, one name=value a line, readable by its owner alone."),
    ];
}
