using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Mesh;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse prices</c>: the prices that a node serves, with their age, once or as they change.</summary>
internal static class PricesCommand
{
    public static Command Create(TimeProvider time)
    {
        var assets = new Argument<string[]>("ASSET") { Description = "Which: BTC, or USDC@base; none given means all", Arity = ArgumentArity.ZeroOrMore };
        var watch = new Option<bool>("--watch", "-w") { Description = "Goes on, and shows each change, until Ctrl+C" };
        var command = new Command("prices", "Shows the prices of the mesh, with their age") { assets, watch, MeshSite.Server, MeshSite.Data, CommandLine.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var site = MeshSite.Of(parsed, time);
            var wanted = new AssetChoice(parsed.GetValue(assets) ?? []);
            if (parsed.GetValue(watch)) { return await new PriceWatch(site, wanted).RunAsync(cancellationToken); }

            var all = await site.GetAsync("/api/mesh/prices", MeshJson.Default.DictionaryStringServedPrice, cancellationToken);
            var prices = all.Where(price => wanted.Has(price.Key, price.Value.Asset)).ToDictionary();
            var status = await site.GetAsync("/api/mesh/network/status", MeshJson.Default.NetworkStatus, cancellationToken);
            var missing = wanted.Missing(prices.Select(price => (price.Key, price.Value.Asset))) is { } names ? $"No price is known of {names}." : null;
            if (site.Json) { return Tell(parsed, prices, status, missing); }

            var histories = new Dictionary<string, decimal[]>();
            foreach (var asset in prices.Keys) { histories[asset] = await HistoryAsync(site, asset, cancellationToken); }
            PriceView.Write(site.Output, site.Terminal, prices, histories, status);
            if (prices.Count == 0 && wanted.IsAll) { site.Output.WriteLine("No prices are known here yet."); }
            if (missing is null) { return ExitCodes.Done; }

            site.Error.WriteLine(TextTable.Clean(missing, site.Terminal.Unicode));
            return ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<decimal[]> HistoryAsync(MeshSite site, string asset, CancellationToken cancellationToken)
    {
        var history = await site.GetAsync($"/api/mesh/prices/{Uri.EscapeDataString(asset)}/history", MeshJson.Default.PriceHistoryView, cancellationToken);
        return [.. history.Points.Select(point => point.Price)];
    }

    private static int Tell(ParseResult parsed, Dictionary<string, ServedPrice> prices, NetworkStatus status, string? missing)
    {
        Action<Utf8JsonWriter> data = json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("prices");
            JsonSerializer.Serialize(json, prices, MeshJson.Default.DictionaryStringServedPrice);
            json.WritePropertyName("network");
            JsonSerializer.Serialize(json, status, MeshJson.Default.NetworkStatus);
            json.WriteEndObject();
        };
        return missing is null
            ? MeshSite.Document(parsed, "shown", data)
            : MeshSite.Document(parsed, Envelope.Failed, data, ExitCodes.For(MeshErrors.NoPrice), EnvelopeError.Of(new PosthouseException(MeshErrors.NoPrice, missing)));
    }
}
