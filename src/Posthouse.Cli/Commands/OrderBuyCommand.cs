using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order buy</c>: quote, payment, proof, waiting and collecting, each step on disk before it is taken.</summary>
internal static class OrderBuyCommand
{
    private sealed record Words(Argument<string?> Service, Argument<string?> Description, Option<string?> Budget, Option<string?> Endpoint, Option<string?> Email,
        Option<bool> Confirm, Option<int?> Rating, Option<string?> Resume, Option<string?> Transaction, Option<string?> Deadline);

    public static Command Create(TimeProvider time)
    {
        var words = new Words(
            new("SERVICE") { Description = "What to order; 'posthouse order catalog' shows it", Arity = ArgumentArity.ZeroOrOne },
            new("DESCRIPTION") { Description = "The input of the work", Arity = ArgumentArity.ZeroOrOne },
            OrderCommand.Budget(),
            OrderCommand.Endpoint(),
            OrderCommand.Email(),
            new("--confirm") { Description = "Signs a receipt as soon as the result was checked, which ends the right to dispute it" },
            OrderCommand.Rating("1 to 5; goes with a receipt, so that it means --confirm and ends the right to dispute, too"),
            new("--resume") { Description = "Goes on with an order of yours, as 'order resume' does", HelpName = "ID" },
            OrderCommand.Transaction(),
            OrderCommand.Deadline());
        var command = new Command("buy", "Orders, pays, waits and collects")
        {
            words.Service, words.Description, words.Budget, words.Endpoint, words.Email, words.Confirm, words.Rating, words.Resume, words.Transaction, words.Deadline,
        };
        command.SetAction((parsed, cancellationToken) => BuyAsync(parsed, words, time, cancellationToken));
        return command;
    }

    private static async Task<int> BuyAsync(ParseResult parsed, Words words, TimeProvider time, CancellationToken cancellationToken)
    {
        var patience = CheckWords(parsed, words);
        await using var site = OrderSite.Of(parsed, time);
        var purchase = parsed.GetValue(words.Resume) is { } id
            ? await site.Client.ResumeAsync(id, parsed.GetValue(words.Transaction))
            : await OrderSite.AskAsync(() => BeginAsync(parsed, words, site, cancellationToken), OrderSite.FindAnother);
        PurchaseProgress.Delivered(site, await PurchaseProgress.FollowAsync(site, purchase, patience, cancellationToken));
        return ExitCodes.Done;
    }

    private static async Task<Purchase> BeginAsync(ParseResult parsed, Words words, OrderSite site, CancellationToken cancellationToken)
    {
        await site.NeedWalletAsync(cancellationToken);
        var service = parsed.GetValue(words.Service)!;
        var budget = await OrderCommand.AllowedAsync(site, site.Provider, service, parsed.GetValue(words.Budget), cancellationToken);
        return await site.Client.BuyAsync(new PurchaseRequest(site.Provider, service, parsed.GetValue(words.Description)!, budget)
        {
            Endpoint = parsed.GetValue(words.Endpoint),
            Email = parsed.GetValue(words.Email),
            Confirms = parsed.GetValue(words.Confirm) || parsed.GetValue(words.Rating) is not null,
            Rating = parsed.GetValue(words.Rating),
            TransactionHash = parsed.GetValue(words.Transaction),
        });
    }

    /// <summary>Whatever can be wrong with the words is said before anything is asked for or paid.</summary>
    private static TimeSpan CheckWords(ParseResult parsed, Words words)
    {
        if (parsed.GetValue(words.Resume) is null && (parsed.GetValue(words.Service) is null || parsed.GetValue(words.Description) is null))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Name a service and its input, as in: posthouse order buy text_echo \"hello\"; or go on with --resume ID.");
        }

        OrderCommand.CheckTransaction(parsed.GetValue(words.Transaction));
        if (parsed.GetValue(words.Endpoint) is { } endpoint
            && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--endpoint {endpoint}: an address such as https://agent.example/inbox is taken.");
        }

        return OrderCommand.Patience(parsed.GetValue(words.Deadline));
    }
}
