using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Notices;
using Posthouse.Jobs;
using Posthouse.SystemTests.Processes;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>Mail to a server that nobody here wrote (Debian's python3-aiosmtpd), as a process of its own.</summary>
public sealed class MailServerTests
{
    /// <summary>Takes mail and says each as one line of JSON; some addresses it does not know, and one account may log in.</summary>
    private const string Server = """
        import json, ssl, sys, time
        from email import message_from_bytes, policy
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult

        class Keep:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith('nobody@'): return '550 5.1.1 no such user ' + address
                if address.startswith('later@'): return '451 4.3.0 come back later'
                envelope.rcpt_tos.append(address)
                return '250 OK'
            async def handle_DATA(self, server, session, envelope):
                mail = message_from_bytes(envelope.content, policy=policy.default)
                print(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'headers': {k.lower(): str(v) for k, v in mail.items()},
                    'body': mail.get_content(), 'login': bool(session.authenticated)}), flush=True)
                return '250 taken'

        def login(server, session, envelope, mechanism, data):
            return AuthResult(success=data.login == b'orders' and data.password == b's3cret')

        secure = None
        if sys.argv[2:3] == ['tls']:
            secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            secure.load_cert_chain(sys.argv[3])
        Controller(Keep(), hostname='127.0.0.1', port=int(sys.argv[1]), authenticator=login, auth_required=len(sys.argv) > 2, auth_require_tls=secure is not None,
            tls_context=secure, require_starttls=secure is not None).start()
        print('listening', flush=True)
        while True: time.sleep(60)
        """;

    private static readonly MailText _mail = new("ann@client.example", "Service Ready: ivxp-1", "Your result: größe\n.\nEHLO evil\n", "ivxp-1");

    [Fact]
    public async Task A_mail_arrives_whole_at_one_recipient_under_its_own_id()
    {
        var (server, options) = await StartAsync();
        await using var running = server;

        (await new SmtpPost(options, TimeProvider.System).SendAsync(_mail, CancellationToken.None)).ShouldBeNull();

        var taken = JsonDocument.Parse(await server.SaysAsync("\"from\"")).RootElement;
        taken.GetProperty("from").GetString().ShouldBe("orders@provider.example");
        taken.GetProperty("to").EnumerateArray().Select(to => to.GetString()).ShouldBe(["ann@client.example"]);
        var headers = taken.GetProperty("headers");
        (headers.GetProperty("subject").GetString(), headers.GetProperty("message-id").GetString()).ShouldBe(("Service Ready: ivxp-1", "<ivxp-1@provider.example>"));
        headers.GetProperty("auto-submitted").GetString().ShouldBe("auto-generated");
        taken.GetProperty("body").GetString()!.ReplaceLineEndings("\n").TrimEnd('\n').ShouldBe(_mail.Body.TrimEnd('\n'));
    }

    [Fact]
    public async Task An_address_the_server_never_takes_is_final_one_it_takes_later_is_not_and_neither_is_quoted()
    {
        var (server, options) = await StartAsync();
        await using var running = server;
        var post = new SmtpPost(options, TimeProvider.System);
        var never = await post.SendAsync(_mail with { To = "nobody@client.example" }, CancellationToken.None);
        var later = await post.SendAsync(_mail with { To = "later@client.example" }, CancellationToken.None);
        (never!.Kind, later!.Kind).ShouldBe((FailureKind.Permanent, FailureKind.Transient));
        (never.Message + later.Message).ShouldNotContain("client.example");
    }

    [Fact]
    public async Task Without_encryption_nothing_is_said_where_encryption_is_asked_for()
    {
        var (server, options) = await StartAsync();
        await using var running = server;
        (await new SmtpPost(options with { StartTls = true, UserName = "orders", Password = "s3cret" }, TimeProvider.System).SendAsync(_mail, CancellationToken.None)).ShouldNotBeNull();
        server.Said.ShouldNotContain("\"from\"");
    }

    [Fact]
    public async Task An_account_logs_in_and_a_wrong_password_does_not()
    {
        var (server, options) = await StartAsync("auth");
        await using var running = server;
        (await new SmtpPost(options with { UserName = "orders", Password = "wrong" }, TimeProvider.System).SendAsync(_mail, CancellationToken.None)).ShouldNotBeNull();
        (await new SmtpPost(options with { UserName = "orders", Password = "s3cret" }, TimeProvider.System).SendAsync(_mail, CancellationToken.None)).ShouldBeNull();
        JsonDocument.Parse(await server.SaysAsync("\"from\"")).RootElement.GetProperty("login").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_is_trusted_by_its_certificate_and_one_that_nobody_vouches_for_hears_neither_password_nor_mail()
    {
        var file = Certificate();
        try
        {
            var (server, options) = await StartAsync("tls", file);
            await using var running = server;
            var failure = await new SmtpPost(options with { StartTls = true, UserName = "orders", Password = "s3cret" }, TimeProvider.System).SendAsync(_mail, CancellationToken.None);
            (failure!.Kind, failure.Message.Contains("not trusted", StringComparison.Ordinal)).ShouldBe((FailureKind.Permanent, true));
            server.Said.ShouldNotContain("\"from\"");

            using var trusting = Prober.StartUnder(["env", "SSL_CERT_FILE=" + file], "mail", "-", options.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
            (await trusting.LineAsync()).ShouldBe("taken");
            JsonDocument.Parse(await server.SaysAsync("\"from\"")).RootElement.GetProperty("login").GetBoolean().ShouldBeTrue();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_was_not_reached()
    {
        var options = new SmtpOptions("127.0.0.1", "orders@provider.example") { Port = RunningProgram.FreePort(), StartTls = false };
        (await new SmtpPost(options, TimeProvider.System).SendAsync(_mail, CancellationToken.None))!.Kind.ShouldBe(FailureKind.NotReached);
    }

    /// <summary>A file with a key and a certificate of its own making for this machine's name.</summary>
    private static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var file = Path.GetTempFileName();
        File.WriteAllText(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        return file;
    }

    private static async Task<(RunningProgram Server, SmtpOptions Options)> StartAsync(params string[] more)
    {
        var port = RunningProgram.FreePort();
        // The machine's own Python, for which Debian's package was installed; another one on the path does not know it.
        var server = RunningProgram.Start("/usr/bin/python3", ["-c", Server, port.ToString(System.Globalization.CultureInfo.InvariantCulture), .. more], Path.GetTempPath());
        await server.SaysAsync("listening");
        return (server, new SmtpOptions("127.0.0.1", "orders@provider.example") { Port = port, StartTls = false });
    }
}
