using System.Buffers.Text;
using System.Diagnostics;
using System.Net.WebSockets;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>Watchers of one node, each with a connection of its own.</summary>
internal sealed class Audience : IAsyncDisposable
{
    private readonly List<Watching> _watchers = [];

    /// <summary>Messages that came since the last <see cref="Begin"/>.</summary>
    public long Count => _watchers.Sum(watcher => watcher.Count);

    /// <summary>Bytes of the last message.</summary>
    public int MessageBytes => _watchers[0].Length;

    public static async Task<Audience> OpenAsync(Uri url, int count)
    {
        var audience = new Audience();
        var address = new UriBuilder(url) { Scheme = "ws" }.Uri;
        for (var i = 0; i < count; i++)
        {
            var socket = new ClientWebSocket();
            await socket.ConnectAsync(address, default);
            audience._watchers.Add(new Watching(socket));
        }

        return audience;
    }

    /// <summary>Counts from here on.</summary>
    public void Begin()
    {
        var now = Stopwatch.GetTimestamp();
        _watchers.ForEach(watcher => watcher.Begin(now));
    }

    /// <summary>How long each was on its way, from its publication; to be asked when nothing comes any more.</summary>
    public Latencies Latencies()
    {
        var all = new Latencies();
        _watchers.ForEach(watcher => all.Merge(watcher.Latencies));
        return all;
    }

    /// <summary>Waits until nothing comes any more.</summary>
    public async Task SettleAsync()
    {
        for (var before = -1L; before != Count;)
        {
            before = Count;
            await Task.Delay(300);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watcher in _watchers)
        {
            await watcher.DisposeAsync();
        }
    }

    private sealed class Watching : IAsyncDisposable
    {
        private readonly ClientWebSocket _socket;
        private readonly Task _reads;
        private long _since = long.MaxValue;
        private long _count;
        private volatile int _length;

        public Watching(ClientWebSocket socket)
        {
            _socket = socket;
            _reads = ReadAsync();
        }

        public long Count => Volatile.Read(ref _count);

        public int Length => _length;

        public Latencies Latencies { get; private set; } = new(4_096);

        private static ReadOnlySpan<byte> Price => "\"price\":\""u8;

        public void Begin(long now)
        {
            Latencies = new(4_096);
            Volatile.Write(ref _count, 0);
            Volatile.Write(ref _since, now);
        }

        public async ValueTask DisposeAsync()
        {
            _socket.Abort();
            await _reads;
            _socket.Dispose();
        }

        private async Task ReadAsync()
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (true)
                {
                    var (length, isOver) = (0, false);
                    while (!isOver)
                    {
                        var part = await _socket.ReceiveAsync(buffer.AsMemory(length), default);
                        (length, isOver) = (length + part.Count, part.EndOfMessage);
                    }

                    Take(buffer.AsSpan(0, length));
                }
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                // It has seen enough.
            }
        }

        private void Take(ReadOnlySpan<byte> message)
        {
            var at = message.IndexOf(Price);
            if (at >= 0)
            {
                if (!Utf8Parser.TryParse(message[(at + Price.Length)..], out long published, out _) || published < Volatile.Read(ref _since))
                {
                    return;
                }

                Latencies.Add(published);
            }

            // The status says nothing of a price, and is no delivery.
            if (at >= 0 || message[0] == (byte)' ')
            {
                _length = message.Length;
                Volatile.Write(ref _count, _count + 1);
            }
        }
    }
}
