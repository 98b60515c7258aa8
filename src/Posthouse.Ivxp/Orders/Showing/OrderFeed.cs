using System.Threading.Channels;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Showing;

/// <summary>
/// Tells those who follow an order that it changed. One reader of the event log serves all of them, and there is none while
/// nobody listens. What is told is only that a look is worth while; the order itself says where it stands.
/// </summary>
internal sealed class OrderFeed(IJobStore jobs)
{
    // Changes of orders in one turn of the log; more come with the next page.
    private const int Page = 500;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<OrderListener>> _listeners = new(StringComparer.Ordinal);
    private CancellationTokenSource? _reading;

    /// <summary>Begins to listen; whoever looks at the order afterwards misses nothing.</summary>
    public OrderListener Listen(string orderId)
    {
        var listener = new OrderListener(this, orderId);
        CancellationTokenSource? begun = null;
        lock (_lock)
        {
            if (!_listeners.TryGetValue(orderId, out var others))
                _listeners[orderId] = others = [];
            others.Add(listener);
            if (_reading is null)
                _reading = begun = new CancellationTokenSource();
        }
        if (begun is not null)
            _ = ReadAsync(begun);
        return listener;
    }

    /// <summary>Says how far the work on an order is; lost where nobody listens.</summary>
    public void Report(string orderId, double progress, string? message) =>
        Tell(orderId, new StreamProgress(orderId, double.IsFinite(progress) ? Math.Clamp(progress, 0, 1) : 0, message));

    public void Leave(OrderListener listener)
    {
        CancellationTokenSource? ended = null;
        lock (_lock)
        {
            if (_listeners.TryGetValue(listener.OrderId, out var others) && others.Remove(listener) && others.Count == 0)
                _listeners.Remove(listener.OrderId);
            if (_listeners.Count == 0)
                (ended, _reading) = (_reading, null);
        }
        ended?.Cancel();
    }

    private async Task ReadAsync(CancellationTokenSource reading)
    {
        try
        {
            var position = await jobs.LastPositionAsync();
            // What changed before this position was known may have been missed.
            TellAll();
            while (!reading.IsCancellationRequested)
            {
                var last = await jobs.LastPositionAsync();
                var page = await jobs.ReadEventsAsync(position, new EventFilter(Room: OrderBook.Room), Page);
                foreach (var happened in page)
                    Tell(happened.Subject, null);
                position = page.Count > 0 ? page[^1].Position : Math.Max(position, last);
                if (page.Count == 0)
                    await jobs.ChangedAsync(position, reading.Token);
            }
        }
        catch (OperationCanceledException) when (reading.IsCancellationRequested)
        {
            // The last listener left.
        }
        catch (Exception e) when (e is PosthouseException or ObjectDisposedException)
        {
            Abandon(reading);
        }
        finally
        {
            reading.Dispose();
        }
    }

    private void Tell(string orderId, StreamProgress? news)
    {
        lock (_lock)
        {
            foreach (var listener in _listeners.GetValueOrDefault(orderId) ?? [])
                listener.Hear(news);
        }
    }

    private void TellAll()
    {
        lock (_lock)
        {
            foreach (var listener in _listeners.Values.SelectMany(listeners => listeners))
                listener.Hear(null);
        }
    }

    // The store is away: streams end, and their readers come again or poll.
    private void Abandon(CancellationTokenSource reading)
    {
        lock (_lock)
        {
            if (_reading == reading)
                _reading = null;
            foreach (var listener in _listeners.Values.SelectMany(listeners => listeners))
                listener.End();
            _listeners.Clear();
        }
    }
}

/// <summary>Somebody who follows one order.</summary>
internal sealed class OrderListener(OrderFeed feed, string orderId) : IDisposable
{
    // News are looked at all together, so that the newest few are enough.
    private const int Kept = 16;

    private readonly Channel<StreamProgress?> _news =
        Channel.CreateBounded<StreamProgress?>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public string OrderId => orderId;

    public void Hear(StreamProgress? news) => _news.Writer.TryWrite(news);

    public void End() => _news.Writer.TryComplete();

    /// <summary>Completes when there is news: true, or false when there will be none any more.</summary>
    public Task<bool> WaitAsync(CancellationToken cancellationToken) => _news.Reader.WaitToReadAsync(cancellationToken).AsTask();

    /// <summary>Takes what there is; null stands for a change of the order.</summary>
    public bool TryTake(out StreamProgress? news) => _news.Reader.TryRead(out news);

    public void Dispose() => feed.Leave(this);
}
