using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.AspNetCore.Mesh;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Providers.Sources;

namespace Posthouse.AspNetCore.Dashboard.Prices;

/// <summary>Whether this node provides prices. A vendor's key is configured, and never typed into a page.</summary>
internal static class ProviderSwitch
{
    /// <summary>The sentence on what was done before this page; null: nothing.</summary>
    public static string? Said(IQueryCollection query) => query["done"].ToString() switch
    {
        "provides" => "This node provides prices.",
        "stopped" => "This node provides prices no more; it still relays and serves them.",
        _ => null,
    };

    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge)
    {
        endpoints.MapAction(edge, "/prices/provide",
            context => Ask(context, "Provide prices?", "This node asks its source once, and if that answers, fetches prices for the mesh from now on.", "Provide prices", "/prices/provide"),
            ProvideAsync);
        endpoints.MapAction(edge, "/prices/stop",
            context => Ask(context, "Stop providing prices?", "This node fetches no more. It still relays and serves what others provide; without others, prices grow old.", "Stop providing", "/prices/stop"),
            async (context, _) =>
            {
                await Node(context).DisableProviderAsync();
                return Results.Redirect("/prices?done=stopped");
            });
    }

    private static Task<IResult> Ask(HttpContext context, string title, string sentence, string verb, string action) =>
        Task.FromResult<IResult>(new Question(sentence, verb, action, Room.Prices.Path).Page(title, Room.Prices, context));

    private static async Task<IResult> ProvideAsync(HttpContext context, IFormCollection form)
    {
        var node = Node(context);
        if (node.IsKeyChanged)
        {
            return DashboardEdge.Failed(StatusCodes.Status409Conflict, MeshErrors.RestartNeeded, "This node got another key, and nobody believes the old one any more: restart the server, and it provides under its new id.", Room.Prices.Path);
        }

        return await node.EnableProviderAsync(null, context.RequestAborted) is { } fault
            ? DashboardEdge.Failed(StatusCodes.Status502BadGateway, fault.Kind is SourceFaultKind.KeyRefused ? MeshErrors.KeyInvalid : MeshErrors.FetchFailed, fault.Detail, Room.Prices.Path)
            : Results.Redirect("/prices?done=provides");
    }

    /// <exception cref="PosthouseException"><see cref="ErrorCodes.StoreUnavailable"/>: there is no node, or it does not run.</exception>
    private static MeshNode Node(HttpContext context) => context.RequestServices.GetService<MeshHost>()?.Node
        ?? throw new PosthouseException(ErrorCodes.StoreUnavailable, "This server is no node of a price mesh.");
}
