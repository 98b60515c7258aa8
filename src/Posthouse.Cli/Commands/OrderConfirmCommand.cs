using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order confirm ID</c>: signs that the result came, for exactly the content that is here.</summary>
internal static class OrderConfirmCommand
{
    public static Command Create(TimeProvider time)
    {
        var (id, rating, deadline) = (OrderCommand.Id(), OrderCommand.Rating("1 to 5; the first receipt counts, and its rating stays"), OrderCommand.Deadline());
        var command = new Command("confirm", "Signs a receipt for a result; it ends the right to dispute it") { id, rating, deadline };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var patience = OrderCommand.Patience(parsed.GetValue(deadline));
            await using var site = OrderSite.Of(parsed, time);
            var purchase = await site.Client.ConfirmAsync(parsed.GetRequiredValue(id), parsed.GetValue(rating));
            purchase = await PurchaseProgress.FollowAsync(site, purchase, patience, cancellationToken);
            site.Say($"{site.Terminal.DoneMark} Confirmed: {purchase.ContentHash}");
            site.Write(json => WritePlain(json, purchase));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>A purchase without its content.</summary>
    internal static void WritePlain(System.Text.Json.Utf8JsonWriter json, Posthouse.Ivxp.Client.Purchase purchase)
    {
        json.WriteStartObject();
        PurchaseText.Write(json, purchase);
        json.WriteEndObject();
    }
}
