using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order wait ID</c>: waits for the result of an order that goes on; it decides nothing and pays for nothing that was only quoted.</summary>
internal static class OrderWaitCommand
{
    public static Command Create(TimeProvider time)
    {
        var (id, deadline) = (OrderCommand.Id(), OrderCommand.Deadline());
        var chain = new Option<bool>("--chain")
        {
            Description = "Also watches the chain for the provider's notice (ServiceReady), and signs a receipt for the checked result, which ends the right to dispute it",
        };
        var command = new Command("wait", "Waits for an order's result, collects and checks it") { id, chain, deadline };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var patience = OrderCommand.Patience(parsed.GetValue(deadline));
            await using var site = OrderSite.Of(parsed, time);
            var purchase = await site.Client.Book.FindAsync(parsed.GetRequiredValue(id));
            purchase = await PurchaseProgress.FollowAsync(site, purchase, patience, cancellationToken, parsed.GetValue(chain));
            PurchaseProgress.Delivered(site, purchase);
            return ExitCodes.Done;
        });
        return command;
    }
}
