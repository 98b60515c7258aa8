using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Metrics;
using Posthouse.Cli.Diagnostics;

namespace Posthouse.Cli.Hosting;

/// <summary>What the server tells of itself to programs that watch it.</summary>
internal static class ServeTelemetry
{
    /// <summary>Sends metrics and traces to a collector, where one is named.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: a key cannot be used.</exception>
    public static void Add(IServiceCollection services, Configuration configuration)
    {
        if (OtlpSettings.Of(configuration, Environment.GetEnvironmentVariable) is { } settings) { services.AddSingleton(_ => new OtlpExport(settings)); }
    }

    /// <summary>Answers collectors that ask, and begins to send.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the token's file cannot be used.</exception>
    public static void Map(WebApplication app, Configuration configuration)
    {
        app.MapPosthouseMetrics(configuration.Text(OperatingKeys.MetricsTokenFile) is { } file ? SecretFile.Read(file) : null);
        app.Services.GetService<OtlpExport>();
    }
}
