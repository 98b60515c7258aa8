using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>What a push was worth.</summary>
public enum PushAnswer
{
    /// <summary>The result is on disk, now or from an earlier push: the provider may forget its own copy.</summary>
    Kept = 200,

    /// <summary>It belongs to no purchase of this store, or is not what its seller signed. It is not kept.</summary>
    Refused = 400,

    /// <summary>It is right and could not be stored: the provider is to try again.</summary>
    NotSaved = 500,
}

/// <summary>A push as it came in.</summary>
/// <param name="Body">The message.</param>
/// <param name="DeliveryId">The field <c>IVXP-Delivery-Id</c>, the same on every attempt, or null.</param>
/// <param name="WebhookId">The field <c>webhook-id</c>, or null.</param>
/// <param name="WebhookTimestamp">The field <c>webhook-timestamp</c>, or null.</param>
/// <param name="WebhookSignature">The field <c>webhook-signature</c>, or null.</param>
public sealed record IncomingPush(
    ReadOnlyMemory<byte> Body, string? DeliveryId = null, string? WebhookId = null, string? WebhookTimestamp = null, string? WebhookSignature = null);

/// <summary>
/// Takes pushes. It says that it has a result only when the bytes are on the disk, and keeps only what was checked: order, seller, hash,
/// the seller's signature, and the webhook signature where the seller told a secret. Repeats succeed.
/// </summary>
/// <param name="book">The purchases.</param>
/// <param name="curve">Checks signatures.</param>
/// <param name="time">The clock of webhook timestamps.</param>
public sealed class PushInbox(PurchaseBook book, ISecp256k1 curve, TimeProvider time)
{
    /// <summary>Most bytes of a push whose content is a string: what the original's receiver takes.</summary>
    public const int MaxCallbackBytes = 1 << 20;

    /// <summary>Most bytes of any push: as much as a download may have.</summary>
    public const int MaxBytes = 16 << 20;

    // Standard Webhooks, section "Webhook signature": the tolerance that its libraries use.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Checks and keeps one push.</summary>
    /// <param name="push">The push.</param>
    public async Task<PushAnswer> TakeAsync(IncomingPush push)
    {
        ArgumentNullException.ThrowIfNull(push);
        Purchase? purchase;
        CheckedDelivery delivery;
        try
        {
            using var document = Answers.Parse(push.Body);
            var agent = document.RootElement.TryGetProperty("provider_agent", out var given) ? given : default;
            var seller = EthereumAddress.TryParse(Answers.Text(agent, "wallet_address"), out var address) ? address : default(EthereumAddress?);
            purchase = Answers.Text(document.RootElement, "order_id") is { } order ? await book.OfOrderAsync(order, seller) : null;
            if (purchase is not { Provider: { } provider, OrderId: { } id } || !IsSigned(push, purchase.WebhookSecret))
                return PushAnswer.Refused;
            delivery = DeliveryAnswer.Read(push.Body, id, provider, curve);
        }
        catch (PosthouseException e) when (e.Code is ClientErrors.AnswerInvalid or ClientErrors.DeliveryUntrusted)
        {
            return PushAnswer.Refused;
        }
        catch (PosthouseException)
        {
            return PushAnswer.NotSaved;
        }
        return await KeepAsync(purchase, delivery, push);
    }

    private async Task<PushAnswer> KeepAsync(Purchase purchase, CheckedDelivery delivery, IncomingPush push)
    {
        try
        {
            // Completes when it is on disk. What is kept already stays as it is, whatever comes under the same order.
            await book.ChangeAsync(purchase.Id, (now, write) => PurchaseSteps.Kept(write, now, delivery.Message, push.DeliveryId ?? push.WebhookId));
            return PushAnswer.Kept;
        }
        catch (PosthouseException)
        {
            return PushAnswer.NotSaved;
        }
    }

    /// <summary>Where a secret is known, a push without its signature is somebody else's.</summary>
    private bool IsSigned(IncomingPush push, string? secret)
    {
        if (secret is null)
            return true;
        if (push is not { WebhookId: { } id, WebhookTimestamp: { } stamp, WebhookSignature: { } signatures }
            || !long.TryParse(stamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
            return false;
        var right = Encoding.ASCII.GetBytes(WebhookSignature.Sign(Key(secret), id, stamp, push.Body.Span));
        return signatures.Split(' ').Any(signature => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(signature), right));
    }

    private static byte[] Key(string secret)
    {
        var text = secret.StartsWith(IvxpProtocol.WebhookSecretPrefix, StringComparison.Ordinal) ? secret[IvxpProtocol.WebhookSecretPrefix.Length..] : secret;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) ? key[..length] : Encoding.UTF8.GetBytes(text);
    }
}
