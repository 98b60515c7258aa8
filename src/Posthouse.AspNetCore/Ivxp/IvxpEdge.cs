using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>What a provider's paths have in common, as metadata of each: limits, origins, and in which words errors are said.</summary>
internal sealed class IvxpEdge(IvxpOptions options) : IDisposable
{
    // The paths that clients of the flat dialect know.
    private static readonly string[] _flatPaths = [IvxpProtocol.Routes.Deliver, IvxpProtocol.Routes.Status, IvxpProtocol.Routes.Download];

    public ClientLimits Limits { get; } = new(options.Limits);

    public OpenStreams Streams { get; } = new(options.Limits);

    public BrowserOrigins Origins { get; } = new(options.CorsOrigins);

    /// <summary>The edge of the path that this exchange is about; null for paths outside a provider.</summary>
    public static IvxpEdge? Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IvxpEdge>();

    /// <summary>Puts an edge around all paths that are mapped on the answer.</summary>
    public static IEndpointRouteBuilder Around(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var edge = new IvxpEdge(services.GetRequiredService<IvxpOptions>());
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopped.Register(edge.Dispose);
        return endpoints.MapGroup("").WithMetadata(edge);
    }

    /// <summary>Whether an error of this exchange is a sentence where others write its code.</summary>
    public bool SaysSentences(HttpContext context) =>
        options.FlatDialect && _flatPaths.Contains((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText);

    public void Dispose() => Limits.Dispose();
}
