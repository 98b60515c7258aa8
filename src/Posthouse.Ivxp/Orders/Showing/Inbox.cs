using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Showing;

/// <summary>
/// A client that was away lists its own orders since a cursor, without an account: it signs with its wallet that it asks this
/// provider now. The signature is worth five minutes, here alone, and shows its owner's orders to nobody else.
/// </summary>
internal sealed class Inbox(OrderBook book, IJobStore jobs, IvxpOptions options, ISecp256k1 curve, TimeProvider time)
{
    /// <summary>One page.</summary>
    /// <param name="headers">Who asks.</param>
    /// <param name="after">The cursor, or null for the beginning.</param>
    /// <param name="limit">How many at most, or null.</param>
    /// <param name="version">The reader's wish of version, or null.</param>
    public async Task<Reply<InboxPage>> AnswerAsync(SignedHeaders headers, string? after, string? limit, string? version)
    {
        if (SignedRequest.Refuse(headers, Texts, null, curve, time.GetUtcNow()) is { } unsigned)
            return unsigned;
        var position = 0L;
        if (after is not null && !TryRead(after, out position))
            return new Refusal(IvxpErrors.InvalidRequest, "after is no cursor of this provider: send next_cursor back as it came, or leave it out.", "after");
        var count = IvxpProtocol.Limits.InboxPageDefault;
        if (limit is not null && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= IvxpProtocol.Limits.InboxPage))
            return new Refusal(IvxpErrors.InvalidRequest, $"limit is 1 to {IvxpProtocol.Limits.InboxPage}.", "limit");
        var client = EthereumAddress.Parse(headers.Address!);
        var found = await book.ReadAsync(read => OrderRows.ChangedAfter(read, client, position, count)
            .ConvertAll(order => (Order: order, Head: OrderRows.FindHead(read, order.Id))));
        var orders = new List<OrderStatus>(found.Count);
        foreach (var (order, head) in found)
        {
            var job = order.PushJob is null ? null : await jobs.GetAsync(JobId.Parse(order.PushJob));
            orders.Add(OrderMessages.Status(order, head, job, OrderMessages.Reader(version, order), options));
        }
        return new InboxPage(orders, Write(found.Count == 0 ? position : found[^1].Order.ChangeNo));
    }

    /// <summary>A position as clients see it.</summary>
    internal static string Write(long position)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, position);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The position of a cursor.</summary>
    internal static bool TryRead(string cursor, out long position)
    {
        position = 0;
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        if (cursor.Length != Base64Url.GetEncodedLength(sizeof(long)) || Base64Url.DecodeFromChars(cursor, bytes, out _, out var length) is not OperationStatus.Done || length != sizeof(long))
            return false;
        position = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return position >= 0 && Write(position) == cursor;
    }

    // The account may be written as the catalog writes it or with the checksum of EIP-55, as wallets show it.
    private IEnumerable<string> Texts(string timestamp) => new[] { options.Wallet.Address.ToString(), options.Wallet.Address.ToChecksum() }
        .Select(wallet => SignedText.Inbox.Build(new SignedFields("", Timestamp: timestamp, Address: wallet)));
}
