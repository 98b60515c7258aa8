using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Hosting;

/// <summary>Who is told, besides the client's endpoint, when a result waits. Default nobody.</summary>
public sealed record NoticeOptions
{
    /// <summary>The server's address as clients see it, under which the links in notices stand. Asked for each notice, because a
    /// development server learns its own only when it has started; null: no links.</summary>
    public Func<Uri?> LinkBase { get; init; } = static () => null;

    /// <summary>The mail server for clients that gave an address; null: no e-mail leaves.</summary>
    public SmtpOptions? Smtp { get; init; }

    /// <summary>The operator's own endpoint, for example of a service that wakes phones; null: none.</summary>
    public WebhookOptions? Webhook { get; init; }

    internal void Check()
    {
        if (Smtp is { } smtp && !EmailAddress.IsValid(smtp.From))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "The sender of notices is not one plain e-mail address: name one such as orders@example.org.");
        if (Webhook is { } webhook && WebhookSignature.TryKey(webhook.Secret) is null)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "The secret of the webhook notice is whsec_ and the base64 of 24 to 64 random bytes.");
    }
}

/// <summary>A mail server that takes mail for delivery (RFC 6409).</summary>
/// <param name="Host">Its name or address.</param>
/// <param name="From">The sender.</param>
public sealed record SmtpOptions(string Host, string From)
{
    /// <summary>Default 587, the port of submission.</summary>
    public int Port { get; init; } = 587;

    /// <summary>Whether the connection must be encrypted by STARTTLS before anything is said. Default true; without it a name and password travel open.</summary>
    public bool StartTls { get; init; } = true;

    /// <summary>The account's name; null: the server takes mail without one.</summary>
    public string? UserName { get; init; }

    /// <summary>The account's password.</summary>
    public string? Password { get; init; }

    /// <summary>Time for one mail. Default 30 s, as for a push.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Without the password, which would otherwise travel into every log.</summary>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>The operator's endpoint of notices.</summary>
/// <param name="Url">Where they are posted; the operator chose it, so it may be private.</param>
/// <param name="Secret">Signs them: <c>whsec_…</c> as Standard Webhooks writes it.</param>
public sealed record WebhookOptions(Uri Url, string Secret)
{
    /// <summary>Without the secret, which would otherwise travel into every log.</summary>
    public override string ToString() => Url.Host;
}
