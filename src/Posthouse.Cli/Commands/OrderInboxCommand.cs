using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order inbox</c>: what changed at a provider since the last time, asked for with the wallet alone, and what waits there.</summary>
internal static class OrderInboxCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("inbox", "Lists your orders that changed at the provider since the last time, and collects what waits");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            var changed = await OrderSite.AskAsync(() => site.Client.InboxAsync(site.Provider, cancellationToken), OrderSite.FindAnother);
            site.Write(json =>
            {
                json.WriteStartArray();
                foreach (var order in changed)
                {
                    json.WriteStartObject();
                    json.WriteString("order_id", order.Status.OrderId);
                    json.WriteString("status", order.Status.StatusV11 ?? order.Status.Status);
                    json.WriteBoolean("is_known", order.Purchase is not null);
                    json.WriteBoolean("is_here", order.Purchase?.Content is not null);
                    if (order.Failure is { } failure) { json.WriteString("failure", failure); }
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            if (site.Json) { return ExitCodes.Done; }

            var table = new TextTable("Order", "Service", "Status", "Result");
            foreach (var order in changed)
            {
                table.Add(order.Status.OrderId, order.Status.ServiceType, order.Status.StatusV11 ?? order.Status.Status,
                    order.Purchase?.Content is not null ? "here" : order.Failure ?? (order.Purchase is null ? "not bought from here" : ""));
            }

            table.Write(site.Output, site.Terminal.Unicode);
            return ExitCodes.Done;
        });
        return command;
    }
}
