using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order list</c>: what was bought from here, without asking anybody.</summary>
internal static class OrderListCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("list", "Lists your orders as they were last heard of, with --provider only those from there");
        command.SetAction(async (parsed, _) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            var purchases = await site.Client.Book.ListAsync();
            if (site.IsProviderGiven) { purchases.RemoveAll(purchase => purchase.Url != site.Provider); }
            if (site.Json)
            {
                site.Write(json =>
                {
                    json.WriteStartArray();
                    foreach (var purchase in purchases)
                    {
                        json.WriteStartObject();
                        PurchaseText.Write(json, purchase);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                });
                return ExitCodes.Done;
            }

            Table(purchases).Write(site.Output, site.Terminal.Unicode);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The words of the JSON; with columns for failures and providers where there is something to tell apart.</summary>
    private static TextTable Table(List<Purchase> purchases)
    {
        var several = purchases.Select(purchase => purchase.Url).Distinct().Count() > 1;
        var stopped = purchases.Exists(purchase => purchase.FailureCode is not null);
        var table = new TextTable(["Order", "Service", "USDC", "Status", "Begun", .. stopped ? ["Failure"] : Array.Empty<string>(), .. several ? ["Provider"] : Array.Empty<string>()]).AlignRight(2);
        foreach (var purchase in purchases)
        {
            List<string> cells = [purchase.Name, purchase.ServiceType, purchase.Price?.ToString() ?? "", purchase.Status, WireTime.Write(purchase.BegunAt)];
            if (stopped) { cells.Add(purchase.FailureCode ?? ""); }
            if (several) { cells.Add(purchase.Url.GetLeftPart(UriPartial.Authority)); }
            table.Add([.. cells]);
        }

        return table;
    }
}
