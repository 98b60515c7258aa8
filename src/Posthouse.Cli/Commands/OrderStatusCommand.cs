using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order status ID</c>: the provider's word on an order of yours.</summary>
internal static class OrderStatusCommand
{
    public static Command Create(TimeProvider time)
    {
        var id = OrderCommand.Id();
        var command = new Command("status", "Asks the provider where an order stands") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            var known = await site.Client.Book.FindAsync(parsed.GetRequiredValue(id));
            var (_, status) = await OrderSite.AskAsync(() => site.Client.StatusAsync(known.Id, cancellationToken), () => OrderSite.ComeBack(known.Name));
            site.Write(json => JsonSerializer.Serialize(json, status, IvxpJson.Wire.OrderStatus));
            site.Say($"{status.OrderId}: {status.Status}");
            site.Say($"  {status.ServiceType}, {status.PriceUsdc} USDC, quoted {status.CreatedAt}");
            if (status.StatusDetails is { } details)
            {
                Line(site, "Paid", details.PaidAt);
                Line(site, "Completed", details.CompletedAt);
                Line(site, "Delivered", details.DeliveredAt);
                Line(site, "Confirmed", details.ConfirmedAt);
                Line(site, "Disputed", details.DisputedAt);
                Line(site, "Next push", details.NextAttemptAt);
                Line(site, "Last error", details.LastError);
                Line(site, "Kept until", details.ExpiresAt);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static void Line(OrderSite site, string name, string? value)
    {
        if (value is not null) { site.Say($"  {name}: {value}"); }
    }
}
