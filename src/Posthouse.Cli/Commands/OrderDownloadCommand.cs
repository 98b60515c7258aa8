using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order download ID</c>: collects a result, checks it, keeps it, and shows it.</summary>
internal static class OrderDownloadCommand
{
    public static Command Create(TimeProvider time)
    {
        var id = OrderCommand.Id();
        var command = new Command("download", "Collects a result and checks its hash and signature") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            var known = await site.Client.Book.FindAsync(parsed.GetRequiredValue(id));
            var purchase = await OrderSite.AskAsync(() => site.Client.DownloadAsync(known.Id, cancellationToken), () => OrderSite.ComeBack(known.Name));
            site.Say(PurchaseText.Content(purchase));
            site.Write(json => PurchaseText.WriteWhole(json, purchase));
            return ExitCodes.Done;
        });
        return command;
    }
}
