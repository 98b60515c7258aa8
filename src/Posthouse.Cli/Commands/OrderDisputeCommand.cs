using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order dispute ID</c>: signs that the result did not come, or not as ordered.</summary>
internal static class OrderDisputeCommand
{
    public static Command Create(TimeProvider time)
    {
        var (id, deadline) = (OrderCommand.Id(), OrderCommand.Deadline());
        var reason = new Option<string>("--reason") { Description = "What is wrong, in a sentence or some", HelpName = "TEXT", Required = true };
        var command = new Command("dispute", "Signs that a result did not come, or not as ordered") { id, reason, deadline };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var patience = OrderCommand.Patience(parsed.GetValue(deadline));
            await using var site = OrderSite.Of(parsed, time);
            var purchase = await site.Client.DisputeAsync(parsed.GetRequiredValue(id), parsed.GetRequiredValue(reason));
            purchase = await PurchaseProgress.FollowAsync(site, purchase, patience, cancellationToken);
            site.Say($"{site.Terminal.DoneMark} Disputed; {(purchase.Content is null ? "its provider settles it" : "the provider keeps the result until it is settled")}");
            site.Write(json => OrderConfirmCommand.WritePlain(json, purchase));
            return ExitCodes.Done;
        });
        return command;
    }
}
