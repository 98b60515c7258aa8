using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Mesh;
using Posthouse.Mesh.Prices;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse prices</c>: the prices that a node serves, with their age, once or as they change.</summary>
internal static class PricesCommand
{
    public static Command Create(TimeProvider time)
    {
        var assets = new Argument<string[]>("asset") { Description = "Which: BTC, or USDC@base; none given means all", Arity = ArgumentArity.ZeroOrMore };
        var watch = new Option<bool>("--watch", "-w") { Description = "Goes on, and shows each change, until Ctrl+C" };
        var command = new Command("prices", "Shows the prices of the mesh, with their age") { assets, watch, MeshSite.Server, MeshSite.Data, CommandLine.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var site = MeshSite.Of(parsed, time);
            var wanted = parsed.GetValue(assets) ?? [];
            if (parsed.GetValue(watch)) { return await new PriceWatch(site, wanted).RunAsync(cancellationToken); }

            var query = wanted.Length == 0 ? "" : "?assets=" + Uri.EscapeDataString(string.Join(',', wanted));
            var prices = await site.GetAsync("/api/mesh/prices" + query, MeshJson.Default.DictionaryStringServedPrice, cancellationToken);
            var status = await site.GetAsync("/api/mesh/network/status", MeshJson.Default.NetworkStatus, cancellationToken);
            if (site.Json)
            {
                PriceView.WriteJson(site.Output, prices, status);
            }
            else
            {
                var histories = new Dictionary<string, decimal[]>();
                foreach (var asset in prices.Keys) { histories[asset] = await HistoryAsync(site, asset, cancellationToken); }
                PriceView.Write(site.Output, site.Terminal, prices, histories, status);
                if (prices.Count == 0 && wanted.Length == 0) { site.Output.WriteLine("No prices are known here yet."); }
            }

            return Missing(site, wanted, prices) ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    private static async Task<decimal[]> HistoryAsync(MeshSite site, string asset, CancellationToken cancellationToken)
    {
        var history = await site.GetAsync($"/api/mesh/prices/{Uri.EscapeDataString(asset)}/history", MeshJson.Default.PriceHistoryView, cancellationToken);
        return [.. history.Points.Select(point => point.Price)];
    }

    private static bool Missing(MeshSite site, string[] wanted, Dictionary<string, ServedPrice> prices)
    {
        var missing = wanted.Where(name => !prices.Any(price => Is(name, price.Key) || Is(name, price.Value.Asset))).ToArray();
        if (missing.Length > 0) { site.Error.WriteLine(TextTable.Clean($"No price is known of {string.Join(", ", missing)}.", site.Terminal.Unicode)); }
        return missing.Length > 0;
    }

    private static bool Is(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
