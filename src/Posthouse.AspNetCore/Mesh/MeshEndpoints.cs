using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>Puts a node of the price mesh on the net: for other nodes, for programs, and for pages that show prices.</summary>
public static class MeshEndpoints
{
    /// <summary>
    /// Maps <c>/api/mesh/prices[/{asset}[/history]]</c>, <c>/api/mesh/network/status</c>, <c>/api/mesh/providers</c>, <c>/peers</c>, <c>/events</c>,
    /// <c>/metrics</c>, <c>/api/mesh/provider/status|enable|disable</c>, <c>/api/mesh/key/rotate</c>, the WebSockets <c>/ws</c> and <c>/ws/dashboard</c> for watchers, and the one
    /// on which other nodes connect. Answers have the form <c>{success, data, error}</c>; what changes something needs the operator's token.
    /// </summary>
    /// <param name="endpoints">Where to map.</param>
    /// <exception cref="InvalidOperationException">The node was not added; the message has the line to write.</exception>
    public static IEndpointRouteBuilder MapMesh(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<MeshHost>() is null)
            throw new InvalidOperationException("The price mesh is not in this container. Add it: services.AddMesh(new MeshOptions { Folder = \"mesh\" });");
        var edge = new MeshEdge(endpoints.ServiceProvider);
        var api = endpoints.MapGroup("/api/mesh");
        api.MapGet("/prices", edge.Reads(PriceRoutes.AllAsync, "assets", "max_age"));
        api.MapGet("/prices/{asset}", edge.Reads(PriceRoutes.OneAsync, "max_age"));
        api.MapGet("/prices/{asset}/history", edge.Reads(PriceRoutes.HistoryAsync));
        api.MapGet("/network/status", edge.Reads(NetworkRoutes.StatusAsync));
        api.MapGet("/providers", edge.Reads(NetworkRoutes.ProvidersAsync));
        api.MapGet("/peers", edge.Reads(NetworkRoutes.PeersAsync));
        api.MapGet("/events", edge.Reads(NetworkRoutes.EventsAsync, "since"));
        api.MapGet("/metrics", edge.Reads(MetricsRoute.AnswerAsync));
        api.MapGet("/provider/status", edge.Reads(ProviderRoutes.StatusAsync));
        api.MapPost("/provider/enable", edge.Writes((context, node) => ProviderRoutes.EnableAsync(context, node, edge.Log)));
        api.MapPost("/provider/disable", edge.Writes((context, node) => ProviderRoutes.DisableAsync(context, node, edge.Log)));
        api.MapPost("/key/rotate", edge.Writes(KeyRoutes.RotateAsync));
        api.MapMethods("/key/rotate", [HttpMethods.Options], edge.PreflightAsync);
        api.MapMethods("/provider/enable", [HttpMethods.Options], edge.PreflightAsync);
        api.MapMethods("/provider/disable", [HttpMethods.Options], edge.PreflightAsync);
        api.Map("/{**other}", context => MeshAnswers.FailAsync(
            context, StatusCodes.Status404NotFound, MeshErrors.NoRoute, $"There is no {context.Request.Method} {context.Request.Path} here."));
        var watch = WithWebSockets(endpoints, edge.Reads((context, node) => WatchRoute.AnswerAsync(context, node, edge), "since"));
        endpoints.Map("/ws", watch);
        endpoints.Map("/ws/dashboard", watch);
        endpoints.Map(MeshProtocol.GossipPath, WithWebSockets(endpoints, edge.Reads(PeerRoute.AnswerAsync)));
        return endpoints;
    }

    /// <summary>The middleware that makes WebSockets possible, around this route alone.</summary>
    private static RequestDelegate WithWebSockets(IEndpointRouteBuilder endpoints, RequestDelegate answer)
    {
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(answer);
        return pipeline.Build();
    }
}
