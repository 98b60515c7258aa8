using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order quote</c>: asks for a price and begins an order, which is paid with <c>order buy --resume</c>.</summary>
internal static class OrderQuoteCommand
{
    public static Command Create(TimeProvider time)
    {
        var service = new Argument<string>("SERVICE") { Description = "What to order; 'posthouse order catalog' shows it" };
        var description = new Argument<string>("DESCRIPTION") { Description = "The input of the work" };
        var (budget, endpoint) = (OrderCommand.Budget(), OrderCommand.Endpoint());
        var command = new Command("quote", "Asks for a price") { service, description, budget, endpoint };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            var client = site.Client();
            var purchase = await OrderSite.AskAsync(async () =>
            {
                var allowed = await OrderCommand.AllowedAsync(client, parsed.GetRequiredValue(service), parsed.GetValue(budget), cancellationToken);
                var buyer = site.Buyer(client, await site.WalletAsync(client, cancellationToken));
                return await buyer.QuoteAsync(parsed.GetRequiredValue(service), parsed.GetRequiredValue(description), allowed, parsed.GetValue(endpoint), cancellationToken);
            }, OrderSite.FindAnother);
            site.Say($"Order {purchase.OrderId}");
            site.Say($"  {purchase.Price} USDC to {purchase.PaymentAddress} on {purchase.Network}");
            site.Say($"  Pay it: posthouse order buy --resume {purchase.OrderId}");
            site.Write(json => OrderCommand.WriteWhole(json, purchase));
            return ExitCodes.Done;
        });
        return command;
    }
}
