using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Ivxp.Orders.Showing;

/// <summary>
/// An order's life as server-sent events, each frame one write: a comment, the present status, every later one, and at last
/// <c>completed</c> or <c>failed</c>. The known reader loses an event that comes in two pieces or with carriage returns.
/// </summary>
internal sealed class StreamOrder(OrderBook book, OrderFeed feed, IvxpOptions options, TimeProvider time)
{
    /// <summary>Proxies cut silent connections after 30 to 60 s.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private static readonly byte[] _beginning = ": order stream\n\n"u8.ToArray();
    private static readonly byte[] _heartbeat = ": still here\n\n"u8.ToArray();

    /// <summary>Whether there is such an order.</summary>
    public async Task<bool> KnowsAsync(string id) => OrderId.IsValid(id) && await book.FindAsync(id) is not null;

    /// <summary>The frames of an order that exists, until its last event or the reader's end.</summary>
    /// <param name="id">The order.</param>
    /// <param name="header">The reader's wish of version, or null.</param>
    /// <param name="deliverableUrl">Where the result can be fetched, in full.</param>
    /// <param name="cancellationToken">The reader left.</param>
    public async IAsyncEnumerable<byte[]> FramesAsync(
        string id, string? header, string deliverableUrl, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var listener = feed.Listen(id);
        yield return _beginning;
        string? shown = null;
        while (true)
        {
            var (found, deliverable) = await book.FindWithHeadAsync(id);
            var order = found!;
            var facts = OrderMessages.Facts(order, deliverable);
            var status10 = OrderView.Status10(facts, options.StrictV10);
            var status = OrderMessages.Reader(header, order) is ReaderVersion.V11 ? OrderView.Status11(order.State) : status10;
            if (status != shown)
                yield return Frame(IvxpProtocol.StreamEvents.Status, new StreamStatus(id, shown = status), IvxpJson.Wire.StreamStatus);
            if (End(order, status10, deliverableUrl) is { } end)
            {
                yield return end;
                yield break;
            }

            bool? hasNews;
            while ((hasNews = await WaitAsync(listener, cancellationToken)) is null)
                yield return _heartbeat;
            if (hasNews is false)
                yield break;
            while (listener.TryTake(out var news))
            {
                if (news is not null)
                    yield return Frame(IvxpProtocol.StreamEvents.Progress, news, IvxpJson.Wire.StreamProgress);
            }
        }
    }

    /// <summary>True: news. False: the store is away, and the reader had better come again. Null: silence, long enough for a sign of life.</summary>
    private async Task<bool?> WaitAsync(OrderListener listener, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var news = listener.WaitAsync(silence.Token);
        var isNews = await Task.WhenAny(news, Task.Delay(Heartbeat, time, silence.Token)) == news;
        silence.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
        return isNews ? await news : null;
    }

    private static byte[]? End(Order order, string status10, string deliverableUrl) => status10 switch
    {
        "delivered" => Frame(IvxpProtocol.StreamEvents.Completed, new StreamCompleted(order.Id, deliverableUrl), IvxpJson.Wire.StreamCompleted),
        "delivery_failed" => Failed(order, Reason(order)),
        _ when order.State is OrderState.ExpiredQuote => Failed(order, Reason(order)),
        _ => null,
    };

    private static byte[] Failed(Order order, string reason) =>
        Frame(IvxpProtocol.StreamEvents.Failed, new StreamFailed(order.Id, reason), IvxpJson.Wire.StreamFailed);

    private static string Reason(Order order) =>
        OrderView.ExpiredReason(order.State) ?? (order.State is OrderState.Disputed or OrderState.Refunded ? OrderLaw.Name(order.State) : order.LastError ?? "work_failed");

    private static byte[] Frame<T>(string name, T data, JsonTypeInfo<T> type) =>
        Encoding.UTF8.GetBytes($"event: {name}\ndata: {JsonSerializer.Serialize(data, type)}\n\n");
}
