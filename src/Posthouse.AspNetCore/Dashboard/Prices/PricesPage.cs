using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.AspNetCore.Dashboard.Prices;

/// <summary>A price with its last hour.</summary>
/// <param name="Asset">As it is asked for.</param>
/// <param name="Price">What is served.</param>
/// <param name="Past">The last hour, oldest first.</param>
internal sealed record PriceRow(string Asset, ServedPrice Price, IReadOnlyList<double> Past);

/// <summary>The price mesh as this node sees it.</summary>
/// <param name="Status">The network.</param>
/// <param name="Prices">Prices, by asset.</param>
/// <param name="Unshown">How many more there are.</param>
/// <param name="Providers">Providers, live ones first, each with its expected share of slots from 0 to 1; null: none.</param>
/// <param name="Peers">Open connections.</param>
/// <param name="Wanted">What was looked for; null: all.</param>
/// <param name="CanProvide">Whether a source is configured.</param>
/// <param name="Now">When.</param>
internal sealed record PricesView(
    NetworkStatus Status, IReadOnlyList<PriceRow> Prices, int Unshown, IReadOnlyList<(MeshProvider Provider, double? Share)> Providers, IReadOnlyList<MeshPeer> Peers, string? Wanted, bool CanProvide, DateTimeOffset Now);

/// <summary><c>/prices</c>.</summary>
internal static class PricesPage
{
    /// <summary>Prices on the page: more than a person watches; the filter finds the others.</summary>
    public const int MostShown = 100;

    /// <summary>Peers on the page, the longest connected first.</summary>
    public const int MostPeers = 50;

    /// <summary>Most characters that are looked for: an asset's name has fewer.</summary>
    private const int MaxWanted = 64;

    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge) => endpoints.MapPage(edge, Room.Prices.Path, async context =>
    {
        var query = context.Request.Query;
        if (context.RequestServices.GetService<MeshHost>() is not { } host) { return new Page("Prices", Room.Prices, PriceParts.NoMesh()); }

        var view = await LookAsync(host.Node, query["asset"].ToString().Trim() is { Length: > 0 and <= MaxWanted } wanted ? wanted : null, edge.Time.GetUtcNow());
        return query["part"] == "mesh" ? new Part(PriceParts.Both(view)) : new Page("Prices", Room.Prices, PriceParts.Page(view)) { Done = ProviderSwitch.Said(query) };
    });

    private static async Task<PricesView> LookAsync(MeshNode node, string? wanted, DateTimeOffset now)
    {
        var all = node.GetAllPriceData().Where(price => wanted is null || price.Key.Contains(wanted, StringComparison.OrdinalIgnoreCase)).OrderBy(price => price.Key, StringComparer.Ordinal).ToList();
        var prices = all.Take(MostShown).Select(price => new PriceRow(price.Key, price.Value, [.. node.GetHistory(price.Key).Select(point => (double)point.Price)])).ToList();
        return new(node.GetStatus(), prices, all.Count - prices.Count, Shares(await node.GetProvidersAsync()), await node.GetPeersAsync(), wanted, node.Options.Source is not null, now);
    }

    /// <summary>Each provider with the share of slots that its weight gives it. Of those that serve other assets the mesh counts apart; here all are taken together.</summary>
    internal static IReadOnlyList<(MeshProvider Provider, double? Share)> Shares(IReadOnlyList<MeshProvider> providers)
    {
        var all = (double)providers.Sum(Weight);
        return [.. providers.Select(provider => (provider, Weight(provider) is var weight && weight > 0 ? weight / all : (double?)null))];
    }

    private static int Weight(MeshProvider provider) => provider.State is "active" or "suspect" ? SlotCandidate.WeightOf(provider.BudgetPermille ?? MeshProtocol.MaxPermille, provider.Health) : 0;
}
