namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>Where an order stands: the answer to <see cref="IvxpProtocol.Routes.Status"/>, readable by clients of both versions.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Status">In the words of the reader's version.</param>
/// <param name="CreatedAt">When it was quoted.</param>
/// <param name="ServiceType">What was bought.</param>
/// <param name="PriceUsdc">Its price.</param>
/// <param name="StatusV11">Always in the words of version 1.1. Absent in answers of other providers.</param>
/// <param name="Service">The same as <paramref name="ServiceType"/>, for clients that look for it here.</param>
/// <param name="ContentHash">The stored result's hash.</param>
/// <param name="StatusDetails">What happened when.</param>
/// <param name="ClientSatisfaction">The client's rating, 1 to 5.</param>
public sealed record OrderStatus(
    string OrderId,
    string Status,
    string CreatedAt,
    string ServiceType,
    UsdcAmount PriceUsdc,
    string? StatusV11 = null,
    string? Service = null,
    string? ContentHash = null,
    StatusDetails? StatusDetails = null,
    int? ClientSatisfaction = null);

/// <summary>What happened to an order and when. Absent means not yet.</summary>
/// <param name="CreatedAt">Quoted.</param>
/// <param name="PaidAt">Payment verified.</param>
/// <param name="ProcessingAt">Work begun.</param>
/// <param name="CompletedAt">Work done and its result stored.</param>
/// <param name="ReadyAt">Ready to be pushed or picked up.</param>
/// <param name="PostedAt">A push succeeded.</param>
/// <param name="DeliveredAt">Downloaded.</param>
/// <param name="ConfirmedAt">A receipt was signed.</param>
/// <param name="DisputedAt">A dispute was signed.</param>
/// <param name="ExpiresAt">Until when the quote, or later the result, is kept.</param>
/// <param name="ExpiredReason"><c>quote_elapsed</c> or <c>delivery_retention_elapsed</c>.</param>
/// <param name="DeliveryAttempts">Pushes tried.</param>
/// <param name="NextAttemptAt">The next push.</param>
/// <param name="LastError">The class of the last push's failure, such as <c>unreachable</c>; never its text.</param>
/// <param name="NotificationSent">Whether a notice left that the result waits.</param>
/// <param name="Push"><c>none</c>, <c>scheduled</c>, <c>in_flight</c>, <c>succeeded</c>, <c>exhausted</c> or <c>disabled</c>.</param>
public sealed record StatusDetails(
    string? CreatedAt = null,
    string? PaidAt = null,
    string? ProcessingAt = null,
    string? CompletedAt = null,
    string? ReadyAt = null,
    string? PostedAt = null,
    string? DeliveredAt = null,
    string? ConfirmedAt = null,
    string? DisputedAt = null,
    string? ExpiresAt = null,
    string? ExpiredReason = null,
    int? DeliveryAttempts = null,
    string? NextAttemptAt = null,
    string? LastError = null,
    bool? NotificationSent = null,
    string? Push = null);
