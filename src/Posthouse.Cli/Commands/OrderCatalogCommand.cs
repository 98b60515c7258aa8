using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order catalog</c>: what a provider sells.</summary>
internal static class OrderCatalogCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("catalog", "Shows what the provider sells");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            var catalog = await OrderSite.AskAsync(() => site.Stranger().CatalogAsync(cancellationToken), OrderSite.FindAnother);
            if (site.Json)
            {
                site.Write(json => System.Text.Json.JsonSerializer.Serialize(json, catalog, Posthouse.Ivxp.Protocol.Messages.IvxpJson.Wire.ServiceCatalog));
                return ExitCodes.Done;
            }

            site.Say($"{catalog.Provider} at {site.Provider} ({catalog.WalletAddress})");
            var table = new TextTable("Service", "USDC", "Hours").AlignRight(1, 2);
            foreach (var entry in catalog.Services)
            {
                table.Add(entry.Type, entry.BasePriceUsdc.ToString(), entry.EstimatedDeliveryHours.ToString("0.##", CultureInfo.InvariantCulture));
            }

            table.Write(site.Output, site.Terminal.Unicode);
            return ExitCodes.Done;
        });
        return command;
    }
}
