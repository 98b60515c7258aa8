using System.Buffers;
using System.Net.Mail;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Notices;

/// <summary>One mail as plain data.</summary>
/// <param name="To">One address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Body">Plain text.</param>
/// <param name="Id">The same on every try: the local part of the Message-ID.</param>
internal sealed record MailText(string To, string Subject, string Body, string Id);

/// <summary>Makes the mail that tells a client of its waiting result. Pure.</summary>
internal static class ReadyMail
{
    private static readonly SearchValues<char> _never = SearchValues.Create(" ,;<>\"()");

    /// <summary>The mail about an order.</summary>
    public static MailText For(Order order, string to, IvxpOptions options)
    {
        var links = options.Notices.LinkBase() is { } server
            ? $"\nDownload: {Link(server, IvxpProtocol.Routes.Download, order.Id)}\nStatus:   {Link(server, IvxpProtocol.Routes.Status, order.Id)}\n"
            : "";
        var until = order.KeepUntil is { } end ? $"\nIt is kept until {WireTime.Write(end)}.\n" : "";
        return new MailText(to, $"Service Ready: {order.Id}", $"Your result is ready and waits for you.\n\nOrder:    {order.Id}\nService:  {order.ServiceType}\n{links}{until}", order.Id);
    }

    /// <summary>An address under the server's own, which may have a path.</summary>
    public static string Link(Uri server, string route, string id) => server.AbsoluteUri.TrimEnd('/') + route.Replace("{id}", id, StringComparison.Ordinal);

    /// <summary>
    /// Whether a text is one address and nothing else: no second one, no name beside it, and no sign that could end a header or
    /// a command of the mail protocol.
    /// </summary>
    public static bool IsAddress(string text) => text.Length <= IvxpProtocol.Limits.EmailLength
        && !text.AsSpan().ContainsAny(_never) && !text.Any(char.IsControl) && MailAddress.TryCreate(text, out var address) && address.Address == text;
}
