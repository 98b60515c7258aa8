using System.CommandLine;
using System.Text;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order receipt ID</c>: the confirmation or dispute that was signed here, as the provider accepted it.</summary>
internal static class OrderReceiptCommand
{
    public static Command Create(TimeProvider time)
    {
        var id = OrderCommand.Id();
        var bundle = new Option<string?>("--bundle") { Description = "Writes a receipt bundle to this file instead: what both sides signed, for 'posthouse receipt verify'", HelpName = "FILE" };
        var command = new Command("receipt", "Shows the receipt that you signed") { id, bundle };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var site = OrderSite.Of(parsed, time);
            var purchase = await site.Client.Book.FindAsync(parsed.GetRequiredValue(id));
            if (parsed.GetValue(bundle) is { } file)
            {
                await File.WriteAllBytesAsync(file, site.Client.Bundle(purchase).ToUtf8(), cancellationToken);
                site.Say($"{site.Terminal.DoneMark} Written: {file}. Anybody can check it: posthouse receipt verify {file}");
                site.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("bundle", file);
                    json.WriteEndObject();
                });
                return ExitCodes.Done;
            }

            if (purchase.Receipt is not { } receipt)
            {
                throw new PosthouseException(ClientErrors.PurchaseState, $"Nothing was signed for this order yet: posthouse order confirm {purchase.Name}");
            }

            site.Say(Encoding.UTF8.GetString(receipt));
            site.Write(json => json.WriteRawValue(receipt));
            return ExitCodes.Done;
        });
        return command;
    }
}
