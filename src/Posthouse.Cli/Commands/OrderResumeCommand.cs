using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order resume ID</c>: goes on with a purchase where it stopped, or takes one up from a transaction alone.</summary>
internal static class OrderResumeCommand
{
    public static Command Create(TimeProvider time)
    {
        var (id, transaction, deadline) = (OrderCommand.Id(), OrderCommand.Transaction(), OrderCommand.Deadline());
        var network = new Option<string>("--network")
        {
            Description = "Where --tx was paid, for an order that is not known here",
            HelpName = "NETWORK",
            DefaultValueFactory = _ => UsdcNetwork.BaseMainnet.Id,
        };
        var command = new Command("resume", "Goes on with an order; with --tx also with one that this store does not know") { id, transaction, network, deadline };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var patience = OrderCommand.Patience(parsed.GetValue(deadline));
            OrderCommand.CheckTransaction(parsed.GetValue(transaction));
            await using var site = OrderSite.Of(parsed, time);
            var purchase = await TakeUpAsync(site, parsed.GetRequiredValue(id), parsed.GetValue(transaction), parsed.GetRequiredValue(network), cancellationToken);
            purchase = await PurchaseProgress.FollowAsync(site, purchase, patience, cancellationToken);
            PurchaseProgress.Delivered(site, purchase);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<Purchase> TakeUpAsync(OrderSite site, string id, string? transaction, string network, CancellationToken cancellationToken)
    {
        try
        {
            return await site.Client.ResumeAsync(id, transaction);
        }
        catch (PosthouseException e) when (e.Code == ClientErrors.PurchaseNotFound && transaction is not null && OrderId.IsValid(id))
        {
            var paidOn = UsdcNetwork.Find(network) ?? throw new PosthouseException(
                ErrorCodes.OptionsInvalid, $"--network {network}: one of {string.Join(", ", UsdcNetwork.All)} is taken");
            return await site.Client.AdoptAsync(site.Provider, id, transaction, paidOn, cancellationToken);
        }
    }
}
