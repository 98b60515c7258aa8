using System.Globalization;
using Microsoft.AspNetCore.Http;
using Posthouse.Mesh;
using Posthouse.Mesh.Hosting;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>The mesh as this node sees it.</summary>
internal static class NetworkRoutes
{
    /// <exception cref="PosthouseException">The node failed: what it last knew of the mesh is no status.</exception>
    public static Task StatusAsync(HttpContext context, MeshNode node) => node.Completion.IsFaulted
        ? throw new PosthouseException(ErrorCodes.StoreUnavailable, "This node of the price mesh has failed; its last prices are still served. Look at its log, and start the server again.")
        : MeshAnswers.OkAsync(context, node.GetStatus(), MeshJson.Default.NetworkStatus);

    public static async Task ProvidersAsync(HttpContext context, MeshNode node) =>
        await MeshAnswers.OkAsync(context, await node.GetProvidersAsync(), MeshJson.Default.IReadOnlyListMeshProvider);

    public static async Task PeersAsync(HttpContext context, MeshNode node) =>
        await MeshAnswers.OkAsync(context, await node.GetPeersAsync(), MeshJson.Default.IReadOnlyListMeshPeer);

    public static Task EventsAsync(HttpContext context, MeshNode node)
    {
        var given = context.Request.Query["since"].ToString();
        return given.Length == 0 || long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? MeshAnswers.OkAsync(context, node.GetEvents(given.Length == 0 ? 0 : long.Parse(given, CultureInfo.InvariantCulture)), MeshJson.Default.IReadOnlyListMeshEvent)
            : MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.BadRequest, "since is the number of an event.");
    }
}
