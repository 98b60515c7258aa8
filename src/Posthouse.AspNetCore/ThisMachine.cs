using System.Net;
using Microsoft.AspNetCore.Http;

namespace Posthouse.AspNetCore;

/// <summary>Tells who asks from the server's own machine, and is let in without a token.</summary>
internal static class ThisMachine
{
    /// <summary>
    /// Header fields of a proxy (RFC 7239 §4, RFC 9110 §7.6.3, and what is usual). The last two are what ASP.NET leaves of those that it believed.
    /// </summary>
    private static readonly string[] _ofProxies = ["Forwarded", "Via", "X-Real-IP", "X-Original-For", "X-Original-Proto"];

    private const string Forwarded = "X-Forwarded-";

    /// <summary>Whether a program on this machine asks, and none for somebody else: a proxy here is on this machine, who asks it need not be.</summary>
    public static bool Asks(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from) && !IsPassedOn(context.Request.Headers);

    private static bool IsPassedOn(IHeaderDictionary headers) =>
        Array.Exists(_ofProxies, headers.ContainsKey) || headers.Keys.Any(name => name.StartsWith(Forwarded, StringComparison.OrdinalIgnoreCase));
}
