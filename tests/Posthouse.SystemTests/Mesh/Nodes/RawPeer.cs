using System.Net.WebSockets;
using Posthouse.Mesh.Wire;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>Somebody who speaks the mesh's protocol byte by byte, and not always as it is meant.</summary>
internal sealed class RawPeer : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _limit = new(_patience);
    private readonly SemaphoreSlim _sending = new(1, 1);

    private RawPeer() => _socket.Options.AddSubProtocol(MeshProtocol.Subprotocol);

    public static async Task<RawPeer> ConnectAsync(HttpMessageInvoker invoker)
    {
        var peer = new RawPeer();
        await peer._socket.ConnectAsync(new Uri("ws://node" + MeshProtocol.GossipPath), invoker, peer._limit.Token);
        return peer;
    }

    /// <summary>Greets as a good node does.</summary>
    public Task GreetAsync(EcdsaKey key, string network) => GreetAsync(new Handshake(key, new EcdsaSignatures()), network);

    /// <summary>Names another's key, and signs with one's own.</summary>
    public Task GreetAsAsync(EcdsaKey own, PublicKey anothers, string network) => GreetAsync(new Handshake(new Mask(own, anothers), new EcdsaSignatures()), network, proves: false);

    private async Task GreetAsync(Handshake handshake, string network, bool proves = true)
    {
        var nonce = new byte[MeshProtocol.NonceBytes];
        System.Security.Cryptography.RandomNumberGenerator.Fill(nonce);
        await SendAsync(handshake.Begin(NetworkId.Of(network), 1, nonce));
        while (!handshake.IsDone)
        {
            var bytes = await ReceiveAsync() ?? throw new InvalidOperationException("It was not greeted.");
            FrameCodec.TryDecode(bytes, out var frame).ShouldBe(Refusal.None);
            if (frame is Hello hello)
            {
                handshake.OnHello(bytes, hello, out var answer).ShouldBe(Refusal.None);
                await SendAsync(answer);
                if (!proves) { return; }
            }
            else
            {
                handshake.OnAck(frame.ShouldBeOfType<HelloAck>()).ShouldBe(Refusal.None);
            }
        }
    }

    /// <summary>Sends a message, as long as the node takes any.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type = WebSocketMessageType.Binary)
    {
        await _sending.WaitAsync(_limit.Token);
        try
        {
            await _socket.SendAsync(message, type, endOfMessage: true, _limit.Token);
        }
        catch (WebSocketException)
        {
            // It has had enough, and closed.
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next frame; null: the node closed the connection.</summary>
    public async Task<byte[]?> ReceiveAsync()
    {
        var buffer = new byte[MeshProtocol.MaxFrameBytes];
        try
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _limit.Token);
            for (var length = part.Count; ; length += part.Count)
            {
                if (part.MessageType == WebSocketMessageType.Close) { return null; }

                if (part.EndOfMessage) { return buffer[..length]; }

                part = await _socket.ReceiveAsync(buffer.AsMemory(length), _limit.Token);
            }
        }
        catch (WebSocketException)
        {
            return null;
        }
    }

    /// <summary>Answers as a node that lives, until it leaves or is sent away.</summary>
    public async Task AnswerAsync()
    {
        try
        {
            while (await ReceiveAsync() is { } bytes)
            {
                if (FrameCodec.TryDecode(bytes, out var frame) == Refusal.None && frame is Ping ping)
                {
                    await SendAsync(FrameCodec.Encode(new Pong(ping.Number, ping.SentAt, TimeProvider.System.GetUtcNow())));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It left.
        }
    }

    /// <summary>Goes without a word.</summary>
    public void Leave() => _limit.Cancel();

    /// <summary>Listens until the node closes the connection.</summary>
    public async Task IsSentAwayAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }
    }

    /// <summary>Listens until the node sends a frame of this type.</summary>
    public async Task<byte[]> HearsAsync(FrameType type)
    {
        while (true)
        {
            var frame = await ReceiveAsync() ?? throw new InvalidOperationException($"It was sent away before a {type} came.");
            if (frame[0] == (byte)type) { return frame; }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _limit.Dispose();
        _sending.Dispose();
    }

    private sealed class Mask(EcdsaKey own, PublicKey shown) : ISigningKey
    {
        public byte Scheme => own.Scheme;

        public PublicKey Public => shown;

        public void Sign(MessageDigest digest, Span<byte> signature) => own.Sign(digest, signature);
    }
}
