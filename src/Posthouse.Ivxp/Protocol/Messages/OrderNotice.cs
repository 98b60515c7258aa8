namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>What the operator's webhook is told of an order, in the frame that Standard Webhooks recommends.</summary>
/// <param name="Type">What happened: <see cref="IvxpProtocol.Notices.Ready"/>, or <c>order.</c> and a status of version 1.1.</param>
/// <param name="Timestamp">When it happened.</param>
/// <param name="Data">The order.</param>
public sealed record OrderNotice(string Type, string Timestamp, NoticedOrder Data);

/// <summary>The order of a notice.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Version">Rises with each of its changes: notices may arrive in another order than they were made.</param>
/// <param name="ServiceType">What was bought.</param>
/// <param name="ClientAddress">Who bought it.</param>
/// <param name="ContentHash">The stored result's hash.</param>
/// <param name="StatusUrl">Where the order stands, if the server knows its own address.</param>
/// <param name="DownloadUrl">Where the result is, if the server knows its own address.</param>
public sealed record NoticedOrder(
    string OrderId, long Version, string ServiceType, string ClientAddress, string? ContentHash = null, string? StatusUrl = null, string? DownloadUrl = null);
