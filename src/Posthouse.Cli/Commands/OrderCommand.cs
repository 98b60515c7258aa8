using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order</c>: buys from a provider of IVXP, and remembers what was bought.</summary>
internal static class OrderCommand
{
    /// <summary>Longer than most work takes, short enough for a script that forgot about it.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <summary>A timer takes no more, and no foreground waits so long.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(40);

    public static Command Create(TimeProvider time) => new("order", "Buys from a provider and shows what was bought")
    {
        OrderSite.ProviderOption,
        CommandLine.Json,
        OrderCatalogCommand.Create(time),
        OrderQuoteCommand.Create(time),
        OrderBuyCommand.Create(time),
        OrderResumeCommand.Create(time),
        OrderWaitCommand.Create(time),
        OrderStatusCommand.Create(time),
        OrderDownloadCommand.Create(time),
        OrderConfirmCommand.Create(time),
        OrderDisputeCommand.Create(time),
        OrderReceiptCommand.Create(time),
        OrderListCommand.Create(time),
        OrderPushCommand.Create(time),
        OrderInboxCommand.Create(time),
        OrderReceiveCommand.Create(time),
        OrderReputationCommand.Create(time),
        OrderResolveCommand.Create(time),
    };

    /// <summary>What a purchase is about.</summary>
    public static Argument<string> Id() => new("ID") { Description = "The order's id, or the beginning of it" };

    public static Option<string?> Budget() => new("--budget") { Description = "The most it may cost, in USDC; otherwise the catalog's price", HelpName = "USDC" };

    public static Option<string?> Endpoint() => new("--endpoint") { Description = $"Where the provider pushes the result: 'posthouse order receive' takes it at http://127.0.0.1:6066{IvxpProtocol.Routes.Receive}", HelpName = "URL" };

    /// <summary>What the buyer allows: the budget, else what the catalog says.</summary>
    public static async Task<UsdcAmount> AllowedAsync(OrderSite site, Uri provider, string service, string? budget, CancellationToken cancellationToken)
    {
        if (budget is not null)
        {
            return UsdcAmount.TryParse(budget, out var amount) ? amount : throw new PosthouseException(
                ErrorCodes.OptionsInvalid, $"--budget {budget}: an amount of USDC such as 5 or 0.25 is taken");
        }

        var catalog = await (await site.Client.OpenAsync(provider)).CatalogAsync(cancellationToken);
        return catalog.Services.FirstOrDefault(entry => entry.Type == service)?.BasePriceUsdc ?? throw new PosthouseException(
            IvxpErrors.ServiceTypeNotSupported, $"'{service}' is not for sale there; it has {string.Join(", ", catalog.Services.Select(entry => entry.Type))}.");
    }

    public static Option<string?> Email() => new("--email") { Description = "Where the provider may send a notice when the result waits", HelpName = "ADDRESS" };

    public static Option<int?> Rating(string meaning) => new("--rating") { Description = meaning, HelpName = "N" };

    public static Option<string?> Transaction() => new("--tx") { Description = "The transaction that paid it, where you paid elsewhere", HelpName = "HASH" };

    /// <summary>How long a verb waits.</summary>
    public static Option<string?> Deadline() => new("--deadline") { Description = $"How long to wait, {DurationText.Taken}; then the order goes on without you. Default 10m", HelpName = "DUR" };

    /// <summary>Reads <see cref="Deadline"/>.</summary>
    public static TimeSpan Patience(string? given) => given is null ? _patience
        : DurationText.Parse("--deadline", given) is var deadline && deadline <= _longest ? deadline
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--deadline {given}: from 1s to {_longest.TotalDays} days are taken.");

    /// <summary>Refuses what is no transaction before anything is asked or paid.</summary>
    public static void CheckTransaction(string? given)
    {
        if (given is not null && !TransactionHash.TryNormalize(given, out _))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--tx {given}: a transaction hash is 0x and 64 hex digits.");
        }
    }
}
