using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order quote</c>: asks for a price and begins an order, which is paid with <c>order resume</c>.</summary>
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
            await OrderSite.AskAsync(() => site.NeedWalletAsync(cancellationToken), OrderSite.FindAnother);
            var allowed = await OrderSite.AskAsync(
                () => OrderCommand.AllowedAsync(site, site.Provider, parsed.GetRequiredValue(service), parsed.GetValue(budget), cancellationToken), OrderSite.FindAnother);
            var begun = await site.Client.BuyAsync(new PurchaseRequest(site.Provider, parsed.GetRequiredValue(service), parsed.GetRequiredValue(description), allowed)
            {
                Endpoint = parsed.GetValue(endpoint),
                Pays = false,
            });
            var purchase = await PurchaseProgress.FollowAsync(site, begun, OrderCommand.Patience(null), cancellationToken);
            site.Say($"  {purchase.Price} USDC to {purchase.PaymentAddress} on {purchase.Network}");
            site.Say($"  Pay it: posthouse order resume {purchase.OrderId}");
            site.Write(json => PurchaseText.WriteWhole(json, purchase));
            return ExitCodes.Done;
        });
        return command;
    }
}
