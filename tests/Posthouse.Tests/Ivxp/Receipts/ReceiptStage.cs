using System.Text.Json;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Receipts;

/// <summary>What clients say after a delivery, on a provider's stage.</summary>
internal static class ReceiptStage
{
    /// <summary>An order whose result waits.</summary>
    public static async Task<Order> MadeAsync(this ProviderStage stage, string service = "text_echo", string usdc = "5", string? endpoint = null)
    {
        var id = await stage.BuyAsync(service, usdc, endpoint);
        return await stage.UntilAsync(id, OrderState.ReadyForPickup);
    }

    public static string Now(this ProviderStage stage) => WireTime.Write(stage.Time.GetUtcNow());

    /// <summary>Version 1.1: the text beside the confirmation.</summary>
    public static DeliveryConfirmation Receipt(this ProviderStage stage, Order order, string? rating = null, Wallet? signer = null, string? hash = null, string? at = null)
    {
        var text = SignedText.Receipt.Build(new SignedFields(order.Id, Timestamp: at ?? stage.Now(), ContentHash: hash ?? order.ContentHash));
        return Beside(order, text, signer ?? stage.Client, new Confirmation(true, hash ?? order.ContentHash, stage.Now(), Json(rating)));
    }

    /// <summary>A dispute in the shape of version 1.1.</summary>
    public static DeliveryConfirmation Dispute(this ProviderStage stage, Order order, string? reason = null, Wallet? signer = null, string hash = "none")
    {
        var text = SignedText.Dispute.Build(new SignedFields(order.Id, Timestamp: stage.Now(), ContentHash: hash));
        return Beside(order, text, signer ?? stage.Client, new Confirmation(false, hash, Reason: reason));
    }

    public static DeliveryConfirmation Beside(Order order, string text, Wallet signer, Confirmation? confirmation) => new(
        order.Id, IvxpProtocol.Version11, IvxpProtocol.MessageTypes.DeliveryConfirmation, ClientAgent: new ClientAgent("test", signer.Address.ToString()),
        Confirmation: confirmation, Signature: signer.Sign(text).ToString(), SignedMessage: text);

    /// <summary>The workflow dialect: the text inside the confirmation.</summary>
    public static DeliveryConfirmation Nested(this ProviderStage stage, Order order, string text, Wallet? signer = null) => new(
        order.Id, IvxpProtocol.Version10, IvxpProtocol.MessageTypes.DeliveryConfirmation, stage.Now(),
        Confirmation: new Confirmation(Message: text, Signature: (signer ?? stage.Client).Sign(text).ToString(), Signer: (signer ?? stage.Client).Address.ToString()));

    /// <summary>The oldest shape: nothing nested, no version.</summary>
    public static DeliveryConfirmation Oldest(this ProviderStage stage, Order order, string text, string? hash = null, string? rating = null) => new(
        order.Id, Status: IvxpProtocol.Statuses.Received, ContentHash: hash, SatisfactionRating: Json(rating), Signature: stage.Client.Sign(text).ToString(), SignedMessage: text);

    public static Task<Reply<ConfirmationAccepted>> SayAsync(this ProviderStage stage, DeliveryConfirmation message, string? path = null) =>
        stage.Get<ConfirmDelivery>().AnswerAsync(message, path);

    public static async Task<string?> CodeAsync(this ProviderStage stage, DeliveryConfirmation message) => (await stage.SayAsync(message)).Refusal?.Code;

    /// <summary>The header fields of a signed request about an order.</summary>
    public static SignedHeaders Signed(this ProviderStage stage, SignedText kind, string id, Wallet? signer = null, TimeSpan shift = default)
    {
        var at = WireTime.Write(stage.Time.GetUtcNow() + shift);
        var who = signer ?? stage.Client;
        return new SignedHeaders(who.Address.ToString(), at, who.Sign(kind.Build(new SignedFields(id, Timestamp: at))).ToString());
    }

    /// <summary>One look of the sweep, now and to its end.</summary>
    public static async Task SweepAsync(this ProviderStage stage) =>
        await new SweepOrdersHandler(stage.Get<OrderBook>(), stage.Get<RunningTime>(), stage.Get<OrderExpiry>(), stage.Get<Retention>()).HandleAsync(new SweepOrders(), null!, CancellationToken.None);

    public static Task<byte[]?> ContentAsync(this ProviderStage stage, string id) =>
        stage.Store.ReadAsync(read => OrderRows.FindDeliverable(read, id)?.Content);

    public static JsonElement? Json(string? text)
    {
        if (text is null)
            return null;
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
