using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order list</c>: what was bought from here, without asking anybody.</summary>
internal static class OrderListCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("list", "Lists your orders as they were last heard of");
        command.SetAction(async (parsed, _) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            var purchases = await site.Client.Book.ListAsync();
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

            var table = new TextTable("Order", "Service", "USDC", "Status", "Begun").AlignRight(2);
            foreach (var purchase in purchases)
            {
                table.Add(purchase.Name, purchase.ServiceType, purchase.Price?.ToString() ?? "", purchase.FailureCode ?? purchase.Status, WireTime.Write(purchase.BegunAt));
            }

            table.Write(site.Output, site.Terminal.Unicode);
            return ExitCodes.Done;
        });
        return command;
    }
}
