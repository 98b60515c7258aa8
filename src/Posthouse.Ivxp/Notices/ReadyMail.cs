using System.Globalization;
using System.Text;
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
    // RFC 5322, section 2.1.1, without the line's end.
    private const int MaxLine = 998;

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

    /// <summary>The mail in the form of RFC 5322 and MIME: every header one line of ASCII, the text in base64 where it is more than plain letters.</summary>
    public static string Render(MailText mail, string from, DateTimeOffset now)
    {
        var subject = mail.Subject.All(sign => char.IsAscii(sign) && !char.IsControl(sign)) ? mail.Subject
            : $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(mail.Subject))}?=";
        var date = now.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        // Plain where it can be: whoever looks at the raw message, by eye or by script, finds the links.
        var isPlain = mail.Body.All(sign => sign is '\n' or (>= ' ' and <= '~')) && mail.Body.Split('\n').All(line => line.Length <= MaxLine);
        var (encoding, body) = isPlain ? ("7bit", mail.Body) : ("base64", Convert.ToBase64String(Encoding.UTF8.GetBytes(mail.Body), Base64FormattingOptions.InsertLineBreaks));
        // RFC 3834, section 5: no robot answers a notice.
        return $"""
            From: {from}
            To: {mail.To}
            Subject: {subject}
            Date: {date}
            Message-ID: <{mail.Id}@{from[(from.LastIndexOf('@') + 1)..]}>
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: {encoding}

            {body}
            """;
    }
}
