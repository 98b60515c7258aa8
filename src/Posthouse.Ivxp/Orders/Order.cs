using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Orders;

/// <summary>What becomes of pushing an order's result; the names are stored and travel in <c>status_details</c>.</summary>
internal static class PushState
{
    public const string None = "none";
    public const string Scheduled = "scheduled";
    public const string InFlight = "in_flight"; // Never stored: the push job's own state says it.
    public const string Succeeded = "succeeded";
    public const string Exhausted = "exhausted";
    public const string Disabled = "disabled";
}

/// <summary>One order as it is stored. Changed only by <see cref="OrderBook"/>.</summary>
internal sealed record Order
{
    public required string Id { get; init; }

    public required long Version { get; init; }

    public required OrderState State { get; init; }

    public required string Protocol { get; init; }

    public required string ServiceType { get; init; }

    public required string Description { get; init; }

    public string? DeliveryFormat { get; init; }

    public string? Deadline { get; init; }

    public required string ClientName { get; init; }

    public required EthereumAddress Client { get; init; }

    public string? ContactEndpoint { get; init; }

    public string? ClientEmail { get; init; }

    public required UsdcAmount Price { get; init; }

    public required EthereumAddress PaymentAddress { get; init; }

    public required UsdcNetwork Network { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset PayUntil { get; init; }

    public string? DeliveryEndpoint { get; init; }

    public string? TransactionHash { get; init; }

    public DateTimeOffset? PaidAt { get; init; }

    public DateTimeOffset? ProcessingAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    public DateTimeOffset? PostedAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    public DateTimeOffset? ConfirmedAt { get; init; }

    public DateTimeOffset? DisputedAt { get; init; }

    public DateTimeOffset? NotifiedAt { get; init; }

    public DateTimeOffset? KeepUntil { get; init; }

    /// <summary>The provider's running time when the content was stored or offered again; null once it is removed.</summary>
    public TimeSpan? KeptFrom { get; init; }

    /// <summary>The job that does its work; null for one that was paid before this was kept.</summary>
    public string? WorkJob { get; init; }

    public string? ContentHash { get; init; }

    public string Push { get; init; } = PushState.None;

    public string? PushJob { get; init; }

    public int PushAttempts { get; init; }

    public string? LastError { get; init; }

    public string? WebhookSecret { get; init; }

    public int? Satisfaction { get; init; }

    /// <summary>Where the last change stands among all changes of all orders; given by the row, not by its writer.</summary>
    public long ChangeNo { get; init; }

    /// <summary>Whether the client's last word from us is a failed push.</summary>
    public bool PushFailed => PushAttempts > 0 && PostedAt is null;
}

/// <summary>A stored result.</summary>
/// <param name="DeliveryId">The same in every push.</param>
/// <param name="Type">What it is.</param>
/// <param name="Format">How to read it.</param>
/// <param name="Content">Its canonical bytes; null once its retention is over.</param>
/// <param name="Hash">Its digests.</param>
/// <param name="SignedText">What the provider signed (V1).</param>
/// <param name="Signature">The signature.</param>
internal sealed record StoredDeliverable(
    string DeliveryId, string Type, string? Format, byte[]? Content, ContentHash Hash, string SignedText, string Signature)
{
    /// <summary>Where a folder of results keeps the content; null: the row has it, or nobody any more.</summary>
    public string? File { get; init; }
}
