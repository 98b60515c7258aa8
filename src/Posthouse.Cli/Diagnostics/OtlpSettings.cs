using Posthouse.Cli.Hosting;

namespace Posthouse.Cli.Diagnostics;

/// <summary>Where and how metrics and traces are sent; what is null is left to OpenTelemetry's own variables and defaults.</summary>
/// <param name="Endpoint">The collector's address, without the path of a signal.</param>
/// <param name="IsGrpc">Whether gRPC is spoken, or HTTP with Protobuf.</param>
/// <param name="Headers">Header fields, <c>name=value</c> with commas between them.</param>
internal sealed record OtlpSettings(Uri? Endpoint, bool IsGrpc, string? Headers)
{
    /// <summary>The variable with the protocol (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).</summary>
    public const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";

    private const string Http = "http/protobuf";
    private const string Grpc = "grpc";

    /// <summary>The variables that name a collector.</summary>
    private static readonly string[] _endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    /// <summary>What is configured; null: no key and no variable names a collector.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: a key cannot be used.</exception>
    public static OtlpSettings? Of(Configuration configuration, Func<string, string?> variable)
    {
        var endpoint = configuration.Text(OperatingKeys.OtlpEndpoint);
        if (endpoint is null && _endpoints.All(name => string.IsNullOrEmpty(variable(name)))) { return null; }

        var given = configuration.Text(OperatingKeys.OtlpProtocol);
        if (given is not (null or Http or Grpc))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"{configuration.SourceOf(OperatingKeys.OtlpProtocol)}: {OperatingKeys.OtlpProtocol} is '{given}', expected {Http} or {Grpc}");
        }

        return new OtlpSettings(endpoint is null ? null : new Uri(endpoint), (given ?? variable(ProtocolVariable)) == Grpc, Fields(configuration));
    }

    /// <summary>The address for one signal: over HTTP each has a path of its own.</summary>
    /// <param name="signal"><c>metrics</c> or <c>traces</c>.</param>
    public Uri? For(string signal) => Endpoint is null || IsGrpc ? Endpoint : new Uri($"{Endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal}");

    private static string? Fields(Configuration configuration)
    {
        if (configuration.Text(OperatingKeys.OtlpHeadersFile) is not { } file) { return null; }

        var lines = SecretFile.Read(file).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // The lines are not quoted: each may be the secret without its name.
        if (!lines.All(line => line.IndexOf('=', StringComparison.Ordinal) > 0)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{file} has a line that is not name=value."); }

        // It decodes the whole list before it looks for commas.
        return !lines.Any(line => line.Contains(',', StringComparison.Ordinal)) ? string.Join(',', lines.Select(Escaped))
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{file} has a line with a comma, which OpenTelemetry's library takes for the end of a field, also where it is encoded.");
    }

    /// <summary>As the specification wants it (https://opentelemetry.io/docs/specs/otel/protocol/exporter/): percent-encoded, so that a value arrives as it stands in the file.</summary>
    private static string Escaped(string line) => line.Split('=', 2) is [var name, var value] ? $"{name.Trim()}={Uri.EscapeDataString(value.Trim())}" : line;
}
