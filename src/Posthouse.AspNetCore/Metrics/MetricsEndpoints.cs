using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Posthouse.AspNetCore.Metrics;

/// <summary>Tells a Prometheus server, or whoever reads its format, what this process measures.</summary>
public static class MetricsEndpoints
{
    /// <summary>Fewest characters of a token: with 20 of them nobody guesses it, however often he asks.</summary>
    public const int MinTokenLength = 20;

    private const string Scheme = "Bearer ";

    /// <summary>Keeps what is measured from now on, so that <see cref="MapPosthouseMetrics"/> can tell it.</summary>
    /// <param name="services">The services; <c>AddPosthouse</c> may be called before or after.</param>
    public static IServiceCollection AddPosthouseMetrics(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddMetrics();
        services.TryAddSingleton<MeterCollector>();
        return services;
    }

    /// <summary>
    /// Maps <c>GET /metrics</c>: all metrics of Posthouse, of requests and of the runtime, in Prometheus' text format 0.0.4. Without a token it
    /// answers this machine alone; others get 403. With one, who is not on this machine has to send it as <c>Authorization: Bearer TOKEN</c>, else 401.
    /// </summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="token">What collectors on other machines have to know, at least <see cref="MinTokenLength"/> characters; or null.</param>
    /// <exception cref="InvalidOperationException">The metrics were not added; the message has the line to write.</exception>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: the token is too short.</exception>
    public static IEndpointConventionBuilder MapPosthouseMetrics(this IEndpointRouteBuilder endpoints, string? token = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (token is { Length: < MinTokenLength })
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The token for /metrics has {token.Length} characters, and needs {MinTokenLength} or more.");
        }

        // Made now: what is measured before the first request counts too.
        var collector = endpoints.ServiceProvider.GetService<MeterCollector>() ?? throw new InvalidOperationException(
            "The metrics are not in this container. Add them: services.AddPosthouseMetrics();");
        return endpoints.MapGet("/metrics", context => AnswerAsync(context, collector, token));
    }

    private static Task AnswerAsync(HttpContext context, MeterCollector collector, string? token)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (token is not null && Knows(context.Request.Headers.Authorization, token)) { return WriteAsync(context, StatusCodes.Status200OK, collector.Collect()); }
        if (IsHere(context)) { return WriteAsync(context, StatusCodes.Status200OK, collector.Collect()); }
        if (token is null)
        {
            return WriteAsync(context, StatusCodes.Status403Forbidden, "# The metrics are told to this machine alone. Metrics:TokenFile names a token for others.\n");
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return WriteAsync(context, StatusCodes.Status401Unauthorized, "# Send 'Authorization: Bearer TOKEN', as the file of Metrics:TokenFile has it.\n");
    }

    /// <summary>Whether somebody on this machine asks, and means this machine: a page that was led here by a name of its own does not.</summary>
    private static bool IsHere(HttpContext context) =>
        ThisMachine.Asks(context)
        && (context.Request.Host.Host is "localhost" || (IPAddress.TryParse(context.Request.Host.Host, out var to) && IPAddress.IsLoopback(to)));

    private static bool Knows(string? header, string token) =>
        header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim())), SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, PrometheusText.ContentType);
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
