using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order buy</c>: quote, payment, proof, waiting and collecting, each step remembered before the next.</summary>
internal static class OrderBuyCommand
{
    /// <summary>Longer than most work takes, short enough for a script that forgot about it.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private sealed record Words(Argument<string?> Service, Argument<string?> Description, Option<string?> Budget, Option<string?> Endpoint,
        Option<string?> Resume, Option<string?> Transaction, Option<string?> Deadline);

    public static Command Create(TimeProvider time)
    {
        var words = new Words(
            new("SERVICE") { Description = "What to order; 'posthouse order catalog' shows it", Arity = ArgumentArity.ZeroOrOne },
            new("DESCRIPTION") { Description = "The input of the work", Arity = ArgumentArity.ZeroOrOne },
            OrderCommand.Budget(),
            OrderCommand.Endpoint(),
            new("--resume") { Description = "Goes on with an order of yours", HelpName = "ID" },
            new("--tx") { Description = "The transaction that paid it, where you paid elsewhere", HelpName = "HASH" },
            new("--deadline") { Description = "How long to wait for the result, hh:mm:ss; then the order goes on without you", HelpName = "TIME" });
        var command = new Command("buy", "Orders, pays, waits and collects")
        {
            words.Service, words.Description, words.Budget, words.Endpoint, words.Resume, words.Transaction, words.Deadline,
        };
        command.SetAction((parsed, cancellationToken) => BuyAsync(parsed, words, time, cancellationToken));
        return command;
    }

    private static async Task<int> BuyAsync(ParseResult parsed, Words words, TimeProvider time, CancellationToken cancellationToken)
    {
        CheckWords(parsed, words);
        await using var site = OrderSite.Of(parsed, time);
        var known = parsed.GetValue(words.Resume) is { } id ? await site.Purchases.FindAsync(id) : null;
        var client = site.Client(known?.Url);
        var purchase = known;
        purchase = await OrderSite.AskAsync(async () =>
        {
            var buyer = site.Buyer(client, await site.WalletAsync(client, cancellationToken));
            purchase ??= await QuoteAsync(parsed, words, site, client, buyer, cancellationToken);
            purchase = await PayAsync(parsed, words, site, client, buyer, purchase, cancellationToken);
            purchase = await buyer.ProveAsync(purchase, cancellationToken);
            site.Say("Proved.");
            purchase = await buyer.WaitAsync(purchase, Deadline(parsed, words), word => site.Say($"  {word}"), cancellationToken);
            return await buyer.DownloadAsync(purchase, cancellationToken);
        }, () => purchase is null ? OrderSite.FindAnother() : $"Your order is remembered. Go on when its provider is back: posthouse order buy --resume {purchase.OrderId}");
        site.Say($"{site.Terminal.DoneMark} Delivered, hash and signature are right: {purchase.ContentHash}");
        site.Say(OrderCommand.Text(purchase));
        site.Write(json => OrderCommand.WriteWhole(json, purchase));
        return ExitCodes.Done;
    }

    /// <summary>Whatever can be wrong with the words is said before anything is asked for or paid.</summary>
    private static void CheckWords(ParseResult parsed, Words words)
    {
        _ = Deadline(parsed, words);
        if (parsed.GetValue(words.Resume) is null && (parsed.GetValue(words.Service) is null || parsed.GetValue(words.Description) is null))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Name a service and its input, as in: posthouse order buy text_echo \"hello\"; or go on with --resume ID.");
        }

        if (parsed.GetValue(words.Transaction) is { } transaction && !TransactionHash.TryNormalize(transaction, out _))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--tx {transaction}: a transaction hash is 0x and 64 hex digits.");
        }

        if (parsed.GetValue(words.Endpoint) is { } endpoint
            && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--endpoint {endpoint}: an address such as https://agent.example/inbox is taken.");
        }
    }

    private static async Task<Purchase> QuoteAsync(
        ParseResult parsed, Words words, OrderSite site, ProviderClient client, Buyer buyer, CancellationToken cancellationToken)
    {
        var (service, description) = (parsed.GetValue(words.Service)!, parsed.GetValue(words.Description)!);
        var allowed = await OrderCommand.AllowedAsync(client, service, parsed.GetValue(words.Budget), cancellationToken);
        var purchase = await buyer.QuoteAsync(service, description, allowed, parsed.GetValue(words.Endpoint), cancellationToken);
        site.Say($"Order {purchase.OrderId}: {purchase.Price} USDC");
        return purchase;
    }

    private static async Task<Purchase> PayAsync(
        ParseResult parsed, Words words, OrderSite site, ProviderClient client, Buyer buyer, Purchase purchase, CancellationToken cancellationToken)
    {
        if (purchase.TransactionHash is not null) { return purchase; }

        if (parsed.GetValue(words.Transaction) is { } transaction)
        {
            purchase = await buyer.PaidByAsync(purchase, transaction);
        }
        else if (await client.HasDevChainAsync(cancellationToken))
        {
            purchase = await buyer.PayAsync(purchase, cancellationToken);
        }
        else
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"Pay {purchase.Price} USDC to {purchase.PaymentAddress} on {purchase.Network} from {purchase.Client} with your own wallet, and go on with: posthouse order buy --resume {purchase.OrderId} --tx HASH");
        }

        site.Say($"Paid by {purchase.TransactionHash}");
        return purchase;
    }

    private static TimeSpan Deadline(ParseResult parsed, Words words) => parsed.GetValue(words.Deadline) is not { } given ? _patience
        : TimeSpan.TryParseExact(given, "c", CultureInfo.InvariantCulture, out var deadline) && deadline > TimeSpan.Zero ? deadline
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--deadline {given}: a time span such as 00:10:00 is taken");
}
