using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Ivxp.Notices;

/// <summary>
/// Hands mail to the configured server over SMTP (RFC 5321, STARTTLS of RFC 3207, AUTH PLAIN of RFC 4954), a connection for
/// each: notices are rare. Written here because the client of .NET names the machine to strangers and spells the names of
/// logins in a way that not every server reads.
/// </summary>
internal sealed class SmtpPost(SmtpOptions options, TimeProvider time) : IMailPost
{
    private const string Encryption = "STARTTLS";

    public async Task<Failure?> SendAsync(MailText mail, CancellationToken cancellationToken)
    {
        if (!EmailAddress.IsValid(mail.To) || !EmailAddress.IsValid(options.From))
            return new Failure(FailureKind.Permanent, "The client's or the sender's e-mail address is not one plain address.");
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await SpeakAsync(mail, both.Token);
            return null;
        }
        catch (SmtpRefusedException e)
        {
            return new Failure(e.IsPermanent ? FailureKind.Permanent : FailureKind.Transient, e.Message);
        }
        catch (AuthenticationException)
        {
            return new Failure(FailureKind.Permanent, "The mail server is not trusted, or offers no encryption. Its certificate has to fit the configured name.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Failure(FailureKind.Transient, "The mail server did not answer in time.");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return new Failure(FailureClassifier.Instance.Classify(e).Kind, "The mail server was not reached, or hung up.");
        }
    }

    private async Task SpeakAsync(MailText mail, CancellationToken cancellationToken)
    {
        var own = options.From[(options.From.LastIndexOf('@') + 1)..];
        using var client = new TcpClient();
        await client.ConnectAsync(options.Host, options.Port, cancellationToken);
        await using var plain = client.GetStream();
        var session = new SmtpSession(plain);
        await session.HearAsync("the connection", 2, cancellationToken);
        var offered = await session.SayAsync("EHLO " + own, 2, cancellationToken);
        await using var secure = options.StartTls ? await EncryptAsync(session, offered, plain, cancellationToken) : null;
        if (secure is not null)
        {
            session = new SmtpSession(secure);
            await session.SayAsync("EHLO " + own, 2, cancellationToken);
        }
        if (options.UserName is { } name)
            await session.SayAsync("AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{name}\0{options.Password}")), 2, cancellationToken);
        await session.SayAsync($"MAIL FROM:<{options.From}>", 2, cancellationToken);
        await session.SayAsync($"RCPT TO:<{mail.To}>", 2, cancellationToken);
        await session.SayAsync("DATA", 3, cancellationToken);
        await session.SendAsync(ReadyMail.Render(mail, options.From, time.GetUtcNow()), cancellationToken);
        await LeaveAsync(session, cancellationToken);
    }

    /// <summary>The mail is taken: whatever becomes of the farewell changes nothing.</summary>
    private static async Task LeaveAsync(SmtpSession session, CancellationToken cancellationToken)
    {
        try
        {
            await session.SayAsync("QUIT", 2, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SmtpRefusedException or OperationCanceledException)
        {
            // Nobody is left to tell.
        }
    }

    private async Task<SslStream> EncryptAsync(SmtpSession session, SmtpReply offered, NetworkStream plain, CancellationToken cancellationToken)
    {
        if (!offered.Lines.Contains(Encryption, StringComparer.OrdinalIgnoreCase))
            throw new AuthenticationException("No encryption is offered.");
        await session.SayAsync(Encryption, 2, cancellationToken);
        // RFC 3207, section 4.2: nothing that was said before may count after.
        if (session.HasMore)
            throw new AuthenticationException("Something was said where encryption begins.");
        var secure = new SslStream(plain, leaveInnerStreamOpen: true);
        try
        {
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = options.Host }, cancellationToken);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }
}
