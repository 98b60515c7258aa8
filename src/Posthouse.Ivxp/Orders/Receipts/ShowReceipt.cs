using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Receipts;

/// <summary>Makes the provider's bundle of a paid order.</summary>
internal sealed class ShowReceipt(OrderBook book, IvxpOptions options, ISecp256k1 curve, TimeProvider time)
{
    /// <summary>The bundle, under the same rule of access as the content.</summary>
    public async Task<Reply<ReceiptBundle>> AnswerAsync(string id, SignedHeaders headers)
    {
        if (!OrderId.IsValid(id) || await book.FindAsync(id) is not { } order)
            return new Refusal(IvxpErrors.OrderNotFound, IvxpProtocol.Messages.OrderNotFound);
        if (options.IsSigned(order.ServiceType) && SignedRequest.Refuse(headers, SignedText.Download, order, curve, time.GetUtcNow()) is { } unsigned)
            return unsigned;
        if (order.TransactionHash is null)
            return new Refusal(IvxpErrors.DeliverableNotReady, "The order is not paid; there is nothing to show yet.");
        return await book.ReadAsync(read => Make(read, order));
    }

    private ReceiptBundle Make(IRead read, Order order) => new(
        ReceiptBundle.FormatName, order.Id, order.Protocol, WireTime.Write(time.GetUtcNow()), ReceiptBundle.ByProvider,
        new BundledQuote(
            new ProviderAgent(options.ProviderName, options.Wallet.Address.ToString()), order.Client.ToString(), order.ServiceType, order.Price,
            order.PaymentAddress.ToString(), order.Network.Id, order.Network.Contract.ToString(), WireTime.Write(order.CreatedAt), WireTime.Write(order.PayUntil)),
        Payment(read, order.Id),
        OrderRows.FindHead(read, order.Id) is { } head ? Delivery(head, order) : null,
        ReceiptRows.Last(read, order.Id, ReceiptRows.ReceiptKind),
        ReceiptRows.Last(read, order.Id, ReceiptRows.DisputeKind));

    private static BundledDelivery Delivery(StoredDeliverable head, Order order) => new(
        head.Hash.Wire, head.Hash.Raw, head.Hash.Python, order.CompletedAt is { } at ? WireTime.Write(at) : null, head.SignedText, head.Signature);

    /// <summary>What paid an order; null: nothing yet.</summary>
    internal static BundledPayment? Payment(IRead read, string id) => read.QueryFirst(
        "SELECT tx_hash, network, units, block_number, block_time, signed_text, signature FROM ivxp_payment WHERE order_id = $1",
        row => new BundledPayment(row.Text(0), row.Text(1), UsdcAmount.FromUnits(row.Int64(2)), row.Int64(3),
            WireTime.Write(DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(4))), row.Text(5), row.Text(6)), id);
}
