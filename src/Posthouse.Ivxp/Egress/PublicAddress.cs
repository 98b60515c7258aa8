using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Posthouse.Ivxp.Egress;

/// <summary>
/// Which addresses belong to the public net: those that stand in none of the IANA registries of special-purpose addresses
/// (RFC 6890), and of version 6 only global unicast. A form that carries an address of version 4 is judged by that one, or
/// refused where nobody needs it.
/// </summary>
internal static class PublicAddress
{
    private const int MappedOffset = 12;

    private static readonly IPNetwork _globalUnicast = IPNetwork.Parse("2000::/3");

    // RFC 6052: the well-known prefix of translators, behind which the whole net of version 4 lies, the private parts too.
    private static readonly IPNetwork _translated = IPNetwork.Parse("64:ff9b::/96");

    private static readonly IPNetwork[] _special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32", // A cloud's own host: a public number that only its guests reach.
        }.Select(IPNetwork.Parse),
    ];

    // Teredo stands in 2001::/23 and 6to4 in 2002::/16: tunnels to an address of version 4, which no client serves from.
    private static readonly IPNetwork[] _special6 =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    /// <summary>Whether a stranger's wish may lead to this address.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.AddressFamily is AddressFamily.InterNetwork)
            return !_special4.Any(net => net.Contains(address));
        if (address.AddressFamily is not AddressFamily.InterNetworkV6 || address.ScopeId != 0)
            return false;
        if (address.IsIPv4MappedToIPv6)
            return Is(address.MapToIPv4());
        if (_translated.Contains(address))
            return Is(Last32Bits(address));
        return _globalUnicast.Contains(address) && !_special6.Any(net => net.Contains(address)) && !(IsIntraSite(address) && !Is(Last32Bits(address)));
    }

    /// <summary>ISATAP (RFC 5214): any prefix, and an interface whose name is an address of version 4.</summary>
    private static bool IsIntraSite(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return (BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) & 0xFCFF_FFFF) == 0x0000_5EFE;
    }

    private static IPAddress Last32Bits(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return new IPAddress(bytes[MappedOffset..]);
    }
}
