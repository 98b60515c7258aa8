using System.Net.WebSockets;
using System.Text.Json;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>Many who watch one node's prices, and some who have connected and do not read. Of what comes only the numbers are kept.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private readonly List<Watching> _watchers = [];
    private readonly Lock _lock = new();
    private (long Number, TaskCompletionSource All) _awaited = (long.MaxValue, new());

    /// <summary>All of them.</summary>
    public IReadOnlyList<Watching> Watchers => _watchers;

    /// <summary>Lets more connect.</summary>
    /// <param name="node">To this node.</param>
    /// <param name="count">So many.</param>
    /// <param name="read">Whether they read, from now on.</param>
    public async Task JoinAsync(MeshNodeProcess node, int count, bool read)
    {
        for (var one = 0; one < count; one++)
        {
            var watching = new Watching(this, await node.DialAsync("/ws"));
            _watchers.Add(watching);
            if (read) { watching.Read(); }
        }
    }

    /// <summary>Waits until all who read have heard of a publication, or of a later one.</summary>
    public Task HearAsync(long number)
    {
        lock (_lock) { _awaited = (number, new(TaskCreationOptions.RunContinuationsAsynchronously)); }

        Look();
        return _awaited.All.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watching in _watchers) { await watching.DisposeAsync(); }
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_watchers.TrueForAll(watching => !watching.Reads || watching.Number >= _awaited.Number)) { _awaited.All.TrySetResult(); }
        }
    }

    /// <summary>One of them.</summary>
    internal sealed class Watching(Crowd crowd, ClientWebSocket socket) : IAsyncDisposable
    {
        private readonly byte[] _buffer = new byte[64 << 10];
        private Task _reading = Task.CompletedTask;
        private long _number = -1;

        /// <summary>Whether it reads.</summary>
        public bool Reads { get; private set; }

        /// <summary>The number of the last publication that it heard of; −1: it has not.</summary>
        public long Number => Volatile.Read(ref _number);

        /// <summary>Updates that it got.</summary>
        public int Updates { get; private set; }

        /// <summary>Publications that it was told it has missed.</summary>
        public long Skipped { get; private set; }

        /// <summary>Updates whose number was not the next one after what was skipped.</summary>
        public int Gaps { get; private set; }

        /// <summary>Reads from now on.</summary>
        public void Read()
        {
            Reads = true;
            _reading = ReadAsync();
        }

        /// <summary>Waits until it is sent away, or there is nothing more.</summary>
        public Task EndAsync() => _reading;

        public async ValueTask DisposeAsync()
        {
            socket.Abort();
            await _reading;
            socket.Dispose();
        }

        private async Task ReadAsync()
        {
            try
            {
                while (true)
                {
                    var length = 0;
                    ValueWebSocketReceiveResult part;
                    do
                    {
                        part = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
                        length += part.Count;
                    }
                    while (!part.EndOfMessage);
                    if (part.MessageType == WebSocketMessageType.Close) { return; }

                    Take(_buffer.AsSpan(0, length));
                }
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                // It was sent away, or has seen enough.
            }
        }

        private void Take(ReadOnlySpan<byte> message)
        {
            var (number, skipped) = Head(message);
            if (number < 0) { return; }

            if (Number >= 0)
            {
                (Updates, Skipped) = (Updates + 1, Skipped + skipped);
                Gaps += number == Number + 1 + skipped ? 0 : 1;
            }

            Volatile.Write(ref _number, number);
            crowd.Look();
        }

        /// <summary>A message's number and what was skipped before it, which stand before its data; −1: it has no number.</summary>
        private static (long Number, long Skipped) Head(ReadOnlySpan<byte> message)
        {
            var (number, skipped) = (-1L, 0L);
            var json = new Utf8JsonReader(message);
            while (json.Read() && !(json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("data")))
            {
                if (json.TokenType != JsonTokenType.PropertyName) { continue; }

                var isNumber = json.ValueTextEquals("seq");
                var isSkipped = json.ValueTextEquals("skipped");
                json.Read();
                if (isNumber) { number = json.GetInt64(); }
                if (isSkipped) { skipped = json.GetInt64(); }
            }

            return (number, skipped);
        }
    }
}
