using System.Text.Json;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Cli.Commands;

/// <summary>How the demo's story ends: the client signs what it received, and the provider's times tell the whole of it.</summary>
internal static class DemoReceipt
{
    /// <summary>What the demo's client thinks of it.</summary>
    public const int Rating = 5;

    /// <summary>Signs that exactly this content came, and says so to the provider.</summary>
    public static Task SignAsync(ProviderClient provider, Wallet wallet, ClientAgent client, ServiceDelivery delivery, CancellationToken cancellationToken)
    {
        using var rating = JsonDocument.Parse(Rating.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var stars = rating.RootElement.Clone();
        return provider.PostInDialectAsync(dialect => ProviderPaths.Confirm(dialect, delivery.OrderId), (_, now) =>
        {
            var text = SignedText.Receipt.Build(new SignedFields(delivery.OrderId, Timestamp: now, ContentHash: delivery.ContentHash));
            return JsonSerializer.SerializeToUtf8Bytes(
                new DeliveryConfirmation(delivery.OrderId, IvxpProtocol.Version11, IvxpProtocol.MessageTypes.DeliveryConfirmation, now, client,
                    new Confirmation(true, delivery.ContentHash, now, stars), Signature: wallet.Sign(text).ToString(), SignedMessage: text),
                IvxpJson.Wire.DeliveryConfirmation);
        }, cancellationToken);
    }

    /// <summary>The order's stages and when it came to each, as its status tells them.</summary>
    public static string Recall(OrderStatus status)
    {
        var times = status.StatusDetails ?? new StatusDetails();
        (string Name, string? At)[] stages =
        [
            ("quoted", times.CreatedAt), ("paid", times.PaidAt), ("processing", times.ProcessingAt), ("ready", times.ReadyAt),
            ("posted", times.PostedAt), ("delivered", times.DeliveredAt), ("client_confirmed", times.ConfirmedAt),
        ];
        return string.Join(", ", stages.Where(stage => stage.At is not null).Select(stage => $"{stage.Name} {Clock(stage.At!)}"));
    }

    private static string Clock(string at) => WireTime.TryParse(at, out var instant) ? instant.ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) : at;
}
