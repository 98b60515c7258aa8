using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Posthouse.Tests.Prober;

/// <summary>A name server (RFC 1035) that lies as attackers' do. It answers A and AAAA, with a time to live of nothing.</summary>
internal sealed class ScriptedNames : IDisposable
{
    private const int HeaderBytes = 12;
    private const int TypeA = 1;
    private const int TypeAaaa = 28;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly string _public;
    private int _rebindings;
    private int _asked;

    public ScriptedNames(string publicAddress)
    {
        _public = publicAddress;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 53));
        _ = AnswerAsync();
    }

    public int Asked => _asked;

    public void Dispose() => _socket.Dispose();

    private string[] Addresses(string name, int type) => (name, type) switch
    {
        ("pub.test", TypeA) => [_public],
        ("rebind.test", TypeA) => [_rebindings++ % 2 == 0 ? _public : "127.0.0.1"],
        ("mixed.test", TypeA) => [_public, "127.0.0.1"],
        ("six.test", TypeA) => [_public],
        ("six.test", TypeAaaa) => ["::ffff:7f00:1"],
        ("pub.test" or "rebind.test" or "mixed.test", _) => [],
        (_, TypeA) => ["127.0.0.1"],
        (_, TypeAaaa) => ["::1"],
        _ => [],
    };

    private async Task AnswerAsync()
    {
        var buffer = new byte[1500];
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                Interlocked.Increment(ref _asked);
                await _socket.SendToAsync(Answer(buffer.AsSpan(0, got.ReceivedBytes)), got.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was disposed of.
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> query)
    {
        var (name, end) = (new StringBuilder(), HeaderBytes);
        for (; query[end] != 0; end += query[end] + 1)
            name.Append(name.Length > 0 ? "." : "").Append(Encoding.ASCII.GetString(query.Slice(end + 1, query[end])));
        var type = BinaryPrimitives.ReadUInt16BigEndian(query[(end + 1)..]);
        var question = query[HeaderBytes..(end + 5)];
        var addresses = Addresses(name.ToString().ToLowerInvariant(), type);
        using var answer = new MemoryStream();
        answer.Write(query[..2]);
        answer.Write([0x81, 0x80, 0, 1, 0, (byte)addresses.Length, 0, 0, 0, 0]); // An answer, without error.
        answer.Write(question);
        foreach (var address in addresses)
        {
            var bytes = type == TypeAaaa ? IPAddress.Parse(address).MapToIPv6().GetAddressBytes() : IPAddress.Parse(address).GetAddressBytes();
            answer.Write([0xC0, HeaderBytes, 0, (byte)type, 0, 1, 0, 0, 0, 0, 0, (byte)bytes.Length]);
            answer.Write(bytes);
        }
        return answer.ToArray();
    }
}
