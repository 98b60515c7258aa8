using System.Globalization;
using System.Net;

namespace Posthouse.Tests.Ivxp.Egress;

/// <summary>
/// Ways to write an address that leads to this machine, made systematically: what one reader takes for a public name another
/// one dials as 127.0.0.1. The list is data; whoever reads it has a listener on the loopback's port.
/// </summary>
internal static class LoopbackSpellings
{
    private static readonly string[] _schemes = ["http", "HTTP", "https"];

    /// <summary>Every spelling once.</summary>
    /// <param name="port">Where the listener is.</param>
    public static IReadOnlyList<string> All(int port) =>
    [
        .. Hosts().Distinct(StringComparer.Ordinal).SelectMany(host => _schemes.Select(scheme => $"{scheme}://{host}:{port}/ivxp/receive")),
        .. Tricks(port),
    ];

    private static IEnumerable<string> Hosts() =>
    [
        .. Addresses().SelectMany(Version4), .. Addresses().SelectMany(InVersion6), .. Version6(), .. Names(),
    ];

    private static IEnumerable<IPAddress> Addresses() =>
        new[] { "127.0.0.1", "127.1.2.3", "127.255.255.254", "0.0.0.0" }.Select(IPAddress.Parse);

    /// <summary>Decimal, octal and hexadecimal, of one to four parts, padded, mixed, percent-encoded and in other digits.</summary>
    private static IEnumerable<string> Version4(IPAddress address)
    {
        var b = address.GetAddressBytes();
        var whole = ((uint)b[0] << 24) | ((uint)b[1] << 16) | ((uint)b[2] << 8) | b[3];
        Func<uint, string>[] forms = [Dec, Oct, LongOct, Hex, LongHex, part => Hex(part).ToUpperInvariant()];
        foreach (var form in forms)
        {
            yield return string.Join('.', b.Select(part => form(part)));
            yield return $"{form(b[0])}.{form(b[1])}.{form((uint)((b[2] << 8) | b[3]))}";
            yield return $"{form(b[0])}.{form(whole & 0xFF_FFFF)}";
            yield return form(whole);
        }

        yield return $"{Hex(b[0])}.{Oct(b[1])}.{Dec(b[2])}.{b[3]}";
        yield return $"{Dec(b[0])}.{Hex(b[1])}.{Oct(b[2])}.{b[3]}";
        yield return (whole + (1UL << 32)).ToString(CultureInfo.InvariantCulture);
        var plain = address.ToString();
        yield return plain + ".";
        yield return string.Concat(plain.Select(sign => $"%{(int)sign:X2}"));
        yield return plain.Replace(".", "%2e", StringComparison.Ordinal);
        yield return plain.Replace('.', '\u3002');
        yield return plain.Replace('.', '\uFF0E');
        yield return plain.Replace('.', '\uFF61');
        yield return string.Concat(plain.Select(sign => char.IsAsciiDigit(sign) ? (char)(sign - '0' + '\uFF10') : sign));
        yield return plain.Replace('1', '\u2460').Replace('0', '\u24EA');
        yield return plain.Replace("1", "\u00B9", StringComparison.Ordinal);
        yield return plain.Replace("0", "\u200B0", StringComparison.Ordinal);
        yield return plain + "%00.public.example";
        yield return plain + "%0d%0a";
        yield return plain + "%20";
    }

    /// <summary>The forms of version 6 that carry an address of version 4.</summary>
    private static IEnumerable<string> InVersion6(IPAddress address)
    {
        var b = address.GetAddressBytes();
        var hex = $"{(b[0] << 8) | b[1]:x}:{(b[2] << 8) | b[3]:x}";
        string[] forms =
        [
            $"::ffff:{address}", $"::ffff:{hex}", $"::FFFF:{hex.ToUpperInvariant()}", $"0:0:0:0:0:ffff:{address}", $"0000:0000:0000:0000:0000:ffff:{hex}",
            $"::{address}", $"::{hex}", $"::ffff:0:{address}", $"64:ff9b::{address}", $"64:ff9b::{hex}", $"64:ff9b:1::{hex}", $"2002:{hex}::1", $"2002:{hex}::",
            $"2001:0:{hex}:8000:63bf:80ff:fffe", $"2001::{hex}", $"fe80::5efe:{address}", $"fe80::200:5efe:{hex}", $"2606:4700::5efe:{address}",
            $"2606:4700::200:5efe:{hex}",
        ];
        return forms.SelectMany(form => new[] { $"[{form}]", $"[{form}%25lo]", $"[{form}%251]" });
    }

    private static IEnumerable<string> Version6() => new[]
    {
        "::1", "::", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0:1", "0::1", "::0001", "::0.0.0.1", "0:0::1", "fe80::1", "fe80::1%25lo",
        "fe80::1%251", "::1%25lo", "::1%251", "fc00::1", "fd00::1", "fec0::1", "ff01::1", "ff02::1", "100::1", "2001:db8::1", "3fff::1", "5f00::1",
    }.Select(address => $"[{address}]");

    /// <summary>Names that lead here: some by every machine's own table, the others because the tests' name server says so.</summary>
    private static IEnumerable<string> Names() =>
    [
        "localhost", "LOCALHOST", "LocalHost", "localhost.", "localhost..", "localhost.localdomain", "a.localhost", "a.b.localhost.", "ip6-localhost",
        "ip6-loopback", "loopback", "%6c%6f%63%61%6c%68%6f%73%74", "lo%63alhost", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "ｌｏｃａｌｈｏｓｔ", "ℒocalhost", "localhoſt", "local\u00ADhost",
        "127.0.0.1.nip.example", "7f000001.rebind.example", "public.example", "PUBLIC.EXAMPLE", "public.example.", "xn--pblic-kva.example", "püblic.example",
        "public\u3002example", "public\uFF0Eexample", "public%2eexample", "metadata.internal", "metadata", "a--b.example", "_x.example", new string('a', 63) + ".example",
    ];

    /// <summary>What stands around the host: accounts before it, ports behind it, other slashes, other schemes.</summary>
    private static IEnumerable<string> Tricks(int port)
    {
        string[] hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433"];
        string[] accounts = ["public.example@", "public.example:443@", "a:b@", "@", ":@", "public.example%40", "public.example%23@", "public.example%2f@", "public.example\\@", "a@b@"];
        string[] before = ["http:", "http:/", "http:\\\\", "http:\\", "http:///", "http:////", "//", "\\\\", "ht\ttp://", " http://", "\thttp://", "\nhttp://", "http://\t", "http:// "];
        string[] schemes = ["ws", "wss", "ftp", "file", "gopher", "dict", "ldap", "sftp", "tftp", "jar:http", "view-source:http", "javascript", "data", "net.tcp", "unix", "http+unix"];
        string[] behind = ["#@public.example/", "?@public.example/", "\\@public.example/", ";@public.example/", "/../..//", "/%2e%2e/", "%2f@public.example/", "/\r\nHost: public.example", "\\.public.example"];
        return
        [
            .. from host in hosts from account in accounts select $"http://{account}{host}:{port}/",
            .. from host in hosts from start in before select $"{start}{host}:{port}/",
            .. from host in hosts from scheme in schemes select $"{scheme}://{host}:{port}/",
            .. from host in hosts from end in behind select $"http://{host}:{port}{end}",
            $"http://127.0.0.1:0{port}/", $"http://127.0.0.1:{port + 65_536}/", $"http://127.0.0.1:%3{port}/", $"http://127.0.0.1:{port}:{port}/", $"http://127.0.0.1 :{port}/",
            $"http://public.example#@127.0.0.1:{port}/", $"http://public.example:{port}#127.0.0.1", $"http://[127.0.0.1]:{port}/", $"http://[::1:{port}/", $"http://::1:{port}/",
        ];
    }

    private static string Dec(uint part) => part.ToString(CultureInfo.InvariantCulture);

    private static string Oct(uint part) => "0" + Convert.ToString(part, 8);

    private static string LongOct(uint part) => "000000" + Convert.ToString(part, 8);

    private static string Hex(uint part) => $"0x{part:x}";

    private static string LongHex(uint part) => $"0x00000000{part:x}";
}
