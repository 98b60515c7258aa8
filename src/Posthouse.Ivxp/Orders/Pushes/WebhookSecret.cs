using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;

namespace Posthouse.Ivxp.Orders.Pushes;

/// <summary>The secret of an order's webhook signatures, as Standard Webhooks writes it.</summary>
internal static class WebhookSecret
{
    // The least that Standard Webhooks allows, and as strong as the signature's own hash needs.
    private const int Bytes = 24;

    /// <summary>A new one: <c>whsec_</c> and base64.</summary>
    public static string New(IIds ids)
    {
        Span<byte> secret = stackalloc byte[Bytes];
        ids.Fill(secret);
        return IvxpProtocol.WebhookSecretPrefix + Convert.ToBase64String(secret);
    }
}
