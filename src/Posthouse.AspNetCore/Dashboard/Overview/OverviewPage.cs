using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Live;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Connectivity;
using Posthouse.Diagnostics;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Network;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Overview;

/// <summary>A destination, as tries found it.</summary>
/// <param name="Name">Its stored name.</param>
/// <param name="State">What is believed.</param>
/// <param name="Probe">When the next probe is due, while it is offline.</param>
/// <param name="IsPaused">Whether its jobs are paused.</param>
internal sealed record DestinationRow(string Name, ConnectivityState State, DateTimeOffset? Probe, bool IsPaused);

/// <summary>Whether anything is stuck.</summary>
/// <param name="Counts">How many jobs stand where, but for housekeeping that waits for its time.</param>
/// <param name="Housekeeping">How many jobs of housekeeping wait for their time.</param>
/// <param name="History">The last hour.</param>
/// <param name="Destinations">Those heard of last, offline ones first.</param>
/// <param name="Sales">How many orders stand where; null: nothing is sold here.</param>
/// <param name="Network">The mesh as this node sees it; null: there is no node, or it does not run.</param>
/// <param name="Events">The last of the one log, the newest first.</param>
/// <param name="Now">When.</param>
internal sealed record OverviewView(
    QueueCounts Counts, long Housekeeping, IReadOnlyList<Sample> History, IReadOnlyList<DestinationRow> Destinations, Sales? Sales, NetworkStatus? Network,
    IReadOnlyList<StoredEvent> Events, DateTimeOffset Now);

/// <summary><c>/</c>: in ten seconds, whether anything is stuck.</summary>
internal static class OverviewPage
{
    /// <summary>Destinations shown: the offline ones come first, and whoever has more of those has one trouble, not many.</summary>
    private const int MostDestinations = 12;

    private const int LastEvents = 10;

    /// <summary>Positions looked at for the last events: a store may leave some out.</summary>
    private const int EventWindow = 200;

    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge) => endpoints.MapPage(edge, Room.Overview.Path, async context =>
    {
        var view = await LookAsync(context.RequestServices, edge.Time.GetUtcNow());
        return context.Request.Query["part"] == "now"
            ? new Part(OverviewParts.Both(view))
            : new Page("Overview", Room.Overview, OverviewParts.Page(view));
    });

    private static async Task<OverviewView> LookAsync(IServiceProvider services, DateTimeOffset now)
    {
        var (standing, store) = (await services.GetRequiredService<Reading<QueueStanding>>().GetAsync(), services.GetRequiredService<IJobStore>());
        var last = await store.LastPositionAsync();
        var events = await store.ReadEventsAsync(Math.Max(0, last - EventWindow), new EventFilter(), EventWindow);
        var sales = services.GetService<OrderBook>() is null ? null : await services.GetRequiredService<Reading<Sales>>().GetAsync();
        var node = services.GetService<MeshHost>() is { IsRunning: true } host ? host.Node : null;
        return new(
            standing.Others, standing.HousekeepingJobs, services.GetRequiredService<QueueHistory>().All, Destinations(services, standing.Others, now), sales, node?.GetStatus(), [.. events.TakeLast(LastEvents).Reverse()], now);
    }

    private static IReadOnlyList<DestinationRow> Destinations(IServiceProvider services, QueueCounts counts, DateTimeOffset now) => services.GetService<IConnectivity>() is DestinationHealth health
        ? [.. health.Known(MostDestinations).Select(known => new DestinationRow(known.Destination, known.State, now + known.UntilProbe, counts.PausedDestinations.Contains(known.Destination)))]
        : [];
}
