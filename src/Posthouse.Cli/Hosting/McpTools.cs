using System.ComponentModel;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Posthouse.Cli.Commands;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// The tools an agent is offered. Money leaves through <c>buy</c> alone, which promises each price against the budget in the transaction
/// that begins the purchase; what failed before money moved is free again.
/// </summary>
internal sealed class McpTools(OrderSite site, UsdcAmount allowance)
{
    /// <summary>The name under which the pocket counts what agents spend.</summary>
    private const string Account = "mcp";

    /// <summary>An agent waits for an answer; what takes longer goes on and is asked for by status.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(45);

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Serves until the agent closes standard input.</summary>
    public static async Task ServeAsync(OrderSite site, UsdcAmount allowance, CancellationToken cancellationToken)
    {
        var tools = new McpTools(site, allowance);
        var options = new McpServerOptions
        {
            ServerInfo = new Implementation { Name = "posthouse", Version = VersionCommand.Version },
            ToolCollection =
            [
                Tool("catalog", "Lists what a provider sells, with prices in USDC", tools.CatalogAsync, true),
                Tool("quote", "Asks a provider for the price of a piece of work; nothing is paid", tools.QuoteAsync, false),
                Tool("buy", "Buys a piece of work: pays, waits for the result and checks it. It costs money, within the budget the person has set. If it answers with another status than delivered, it goes on by itself: ask status", tools.BuyAsync, false),
                Tool("status", "Tells where an order stands", tools.StatusAsync, true),
                Tool("download", "Collects the result of an order and checks its hash and the provider's signature", tools.DownloadAsync, false),
                Tool("confirm", "Signs a receipt for a result that was checked, with a rating from 1 to 5. It ends the right to dispute it", tools.ConfirmAsync, false),
                Tool("list", "Lists all orders of this person and what is left of the budget", tools.ListAsync, true),
            ],
        };
        await using var transport = new AgentTransport(Console.OpenStandardOutput(), "posthouse", site.Time);
        await using var server = McpServer.Create(transport, options);
        // Apart, for a read of standard input cannot be called back.
        _ = Task.Run(() => transport.PassOnAsync(Console.OpenStandardInput(), cancellationToken), cancellationToken);
        await server.RunAsync(cancellationToken);
    }

    private static McpServerTool Tool(string name, string description, Delegate work, bool readOnly) =>
        McpServerTool.Create(work, new McpServerToolCreateOptions { Name = name, Description = description, ReadOnly = readOnly, Destructive = false });

    private Task<CallToolResult> CatalogAsync([Description("The provider's address; without it the one given at the start")] string? provider = null, CancellationToken cancellationToken = default) => SaidAsync(async () =>
    {
        var catalog = await (await site.Client.OpenAsync(Address(provider))).CatalogAsync(cancellationToken);
        return JsonSerializer.Serialize(catalog, IvxpJson.Wire.ServiceCatalog);
    });

    private Task<CallToolResult> QuoteAsync(
        [Description("A service of the catalog")] string service, [Description("The input of the work")] string description,
        [Description("The most it may cost, in USDC")] decimal? max_price_usdc = null, string? provider = null, CancellationToken cancellationToken = default) => SaidAsync(async () =>
        {
            var request = await RequestAsync(service, description, max_price_usdc, provider, cancellationToken) with { Pays = false };
            return await AwaitAsync(await site.Client.BuyAsync(request), cancellationToken);
        });

    private Task<CallToolResult> BuyAsync(
        [Description("A service of the catalog")] string service, [Description("The input of the work")] string description,
        [Description("The most it may cost, in USDC; without it the catalog's price")] decimal? max_price_usdc = null, string? provider = null, CancellationToken cancellationToken = default) => SaidAsync(async () =>
        {
            var request = await RequestAsync(service, description, max_price_usdc, provider, cancellationToken) with { Account = Account, Allowance = allowance };
            return await AwaitAsync(await site.Client.BuyAsync(request), cancellationToken);
        });

    private Task<CallToolResult> StatusAsync([Description("The order's id, or the beginning of it")] string order_id, CancellationToken cancellationToken = default) => SaidAsync(async () =>
    {
        var known = await site.Client.Book.FindAsync(order_id);
        return known is { OrderId: null } or { Content: not null } or { FailureCode: not null }
            ? Text(json => PurchaseText.WriteWhole(json, known))
            : JsonSerializer.Serialize((await site.Client.StatusAsync(order_id, cancellationToken)).Status, IvxpJson.Wire.OrderStatus);
    });

    private Task<CallToolResult> DownloadAsync([Description("The order's id, or the beginning of it")] string order_id, CancellationToken cancellationToken = default) => SaidAsync(async () =>
    {
        var purchase = await site.Client.DownloadAsync(order_id, cancellationToken);
        return Text(json => PurchaseText.WriteWhole(json, purchase));
    });

    private Task<CallToolResult> ConfirmAsync(
        [Description("The order's id, or the beginning of it")] string order_id, [Description("1 to 5")] int? rating = null, CancellationToken cancellationToken = default) =>
        SaidAsync(async () => await AwaitAsync(await site.Client.ConfirmAsync(order_id, rating), cancellationToken));

    private Task<CallToolResult> ListAsync() => SaidAsync(async () =>
    {
        var (purchases, spent) = (await site.Client.Book.ListAsync(), await site.Client.SpentAsync(Account));
        return Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("budget_usdc", allowance.ToString());
            json.WriteString("spent_usdc", spent.ToString());
            json.WriteStartArray("orders");
            foreach (var purchase in purchases)
            {
                json.WriteStartObject();
                PurchaseText.Write(json, purchase);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    });

    private Uri Address(string? provider) => provider is null ? site.Provider : Uri.TryCreate(provider, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{provider}' is no address of a provider");

    private async Task<PurchaseRequest> RequestAsync(string service, string description, decimal? most, string? provider, CancellationToken cancellationToken)
    {
        var url = Address(provider);
        await site.NeedWalletAsync(cancellationToken);
        var given = most?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new PurchaseRequest(url, service, description, await OrderCommand.AllowedAsync(site, url, service, given, cancellationToken));
    }

    /// <summary>How a purchase stands when it is through, when it stopped, or when the agent has waited long enough.</summary>
    private async Task<string> AwaitAsync(Purchase purchase, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_patience, site.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            purchase = await site.Client.FollowAsync(purchase.Id, (_, _) => { }, both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            purchase = await site.Client.Book.FindAsync(purchase.Id);
        }

        return purchase.FailureCode is { } code ? throw new PosthouseException(code, purchase.Failure ?? code) : Text(json => PurchaseText.WriteWhole(json, purchase));
    }

    /// <summary>Expected failures are told to the agent with their code; it can act on them.</summary>
    private static async Task<CallToolResult> SaidAsync(Func<Task<string>> work)
    {
        try
        {
            return Said(await work());
        }
        catch (PosthouseException e)
        {
            // As a result: what is thrown is told with words of the library before it.
            var refusal = Said($"{e.Code}: {e.Message}");
            refusal.IsError = true;
            return refusal;
        }
    }

    private static CallToolResult Said(string text) => new() { Content = [new TextContentBlock { Text = text }] };

    private static string Text(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _json)) { write(json); }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
