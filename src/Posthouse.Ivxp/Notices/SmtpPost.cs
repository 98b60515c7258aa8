using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text;
using Posthouse.Ivxp.Hosting;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Ivxp.Notices;

/// <summary>Hands mail to the configured server over SMTP (RFC 5321), a connection for each: notices are rare.</summary>
internal sealed class SmtpPost(SmtpOptions options, TimeProvider time) : IMailPost
{
    /// <summary>RFC 5321, section 4.2.1: replies of 500 and above will not be other ones later.</summary>
    private const int FirstPermanentReply = 500;

    public async Task<Failure?> SendAsync(MailText mail, CancellationToken cancellationToken)
    {
        if (!ReadyMail.IsAddress(mail.To) || mail.Subject.Any(char.IsControl))
            return new Failure(FailureKind.Permanent, "The client's e-mail address is not one plain address.");
        using var message = Message(mail);
        using var client = Client();
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await client.SendMailAsync(message, both.Token);
            return null;
        }
        catch (SmtpException e)
        {
            return Judge(e);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new Failure(FailureKind.Transient, "The mail server did not answer in time.");
        }
    }

    private MailMessage Message(MailText mail)
    {
        var from = new MailAddress(options.From);
        var message = new MailMessage { From = from, Subject = mail.Subject, Body = mail.Body, BodyEncoding = Encoding.UTF8, SubjectEncoding = Encoding.UTF8 };
        message.To.Add(new MailAddress(mail.To));
        message.Headers.Add("Message-ID", $"<{mail.Id}@{from.Host}>");
        // RFC 3834: no robot answers a notice.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private SmtpClient Client() => new(options.Host, options.Port)
    {
        EnableSsl = options.StartTls,
        DeliveryMethod = SmtpDeliveryMethod.Network,
        UseDefaultCredentials = false,
        Credentials = options.UserName is { } name ? new NetworkCredential(name, options.Password) : null,
    };

    /// <summary>The server's own text is left out, because servers quote the address in it.</summary>
    private static Failure Judge(SmtpException e)
    {
        var status = (int)e.StatusCode;
        if (status > 0)
        {
            var kind = status >= FirstPermanentReply ? FailureKind.Permanent : FailureKind.Transient;
            return new Failure(kind, string.Create(CultureInfo.InvariantCulture, $"The mail server answered {status} ({e.StatusCode})."));
        }
        var cause = e.InnerException is null ? null : FailureClassifier.Instance.Classify(e.InnerException);
        return new Failure(cause?.Kind is FailureKind.Permanent ? FailureKind.Permanent : FailureKind.NotReached, cause?.Kind is FailureKind.Permanent
            ? "The mail server is not trusted: its certificate or name is not the expected one."
            : "The mail server was not reached.");
    }
}
