using System.CommandLine;
using System.Text;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order</c>: buys from a provider of IVXP, and remembers what was bought.</summary>
internal static class OrderCommand
{
    public static Command Create(TimeProvider time) => new("order", "Buys from a provider and shows what was bought")
    {
        OrderSite.ProviderOption,
        OrderSite.JsonOption,
        OrderCatalogCommand.Create(time),
        OrderQuoteCommand.Create(time),
        OrderBuyCommand.Create(time),
        OrderStatusCommand.Create(time),
        OrderDownloadCommand.Create(time),
        OrderListCommand.Create(time),
        OrderReputationCommand.Create(time),
        OrderResolveCommand.Create(time),
    };

    /// <summary>What a purchase is about.</summary>
    public static Argument<string> Id() => new("ID") { Description = "The order's id, or the beginning of it" };

    public static Option<string?> Budget() => new("--budget") { Description = "The most it may cost, in USDC; otherwise the catalog's price", HelpName = "USDC" };

    public static Option<string?> Endpoint() => new("--endpoint") { Description = "Where the provider pushes the result", HelpName = "URL" };

    /// <summary>What the buyer allows: the budget, else what the catalog says.</summary>
    public static async Task<UsdcAmount> AllowedAsync(ProviderClient client, string service, string? budget, CancellationToken cancellationToken)
    {
        if (budget is not null)
        {
            return UsdcAmount.TryParse(budget, out var amount) ? amount : throw new PosthouseException(
                ErrorCodes.OptionsInvalid, $"--budget {budget}: an amount of USDC such as 5 or 0.25 is taken");
        }

        var catalog = await client.CatalogAsync(cancellationToken);
        return catalog.Services.FirstOrDefault(entry => entry.Type == service)?.BasePriceUsdc ?? throw new PosthouseException(
            IvxpErrors.ServiceTypeNotSupported, $"'{service}' is not for sale there; it has {string.Join(", ", catalog.Services.Select(entry => entry.Type))}.");
    }

    /// <summary>One purchase as JSON members.</summary>
    public static void Write(System.Text.Json.Utf8JsonWriter json, Purchase purchase)
    {
        json.WriteString("order_id", purchase.OrderId);
        json.WriteString("provider", purchase.Provider.ToString());
        json.WriteString("url", purchase.Url.AbsoluteUri);
        json.WriteString("service_type", purchase.ServiceType);
        json.WritePropertyName("price_usdc");
        json.WriteRawValue(purchase.Price.ToString());
        json.WriteString("status", purchase.Status);
        json.WriteString("quoted_at", WireTime.Write(purchase.QuotedAt));
        if (purchase.TransactionHash is { } transaction) { json.WriteString("tx_hash", transaction); }
        if (purchase.ContentHash is { } hash) { json.WriteString("content_hash", hash); }
        if (purchase.DownloadedAt is { } at) { json.WriteString("downloaded_at", WireTime.Write(at)); }
    }

    /// <summary>A purchase with its content, where it is here.</summary>
    public static void WriteWhole(System.Text.Json.Utf8JsonWriter json, Purchase purchase)
    {
        json.WriteStartObject();
        Write(json, purchase);
        if (purchase.Content is { } content)
        {
            json.WritePropertyName("content");
            json.WriteRawValue(content);
        }

        json.WriteEndObject();
    }

    /// <summary>A content as people read it.</summary>
    public static string Text(Purchase purchase) => Encoding.UTF8.GetString(purchase.Content ?? []);
}
