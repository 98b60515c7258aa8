namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>Where an order stands, for clients of the flat dialect.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Status">In the words of version 1.0.</param>
/// <param name="Service">What was bought.</param>
/// <param name="CreatedAt">When it was quoted.</param>
/// <param name="ContentHash">The result's hash, 64 digits without prefix, once it is known.</param>
/// <param name="StatusV11">The full state, which this provider always sends.</param>
public sealed record FlatStatus(string OrderId, string Status, string Service, string CreatedAt, string? ContentHash = null, string? StatusV11 = null);

/// <summary>What was bought, for clients of the flat dialect.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Content">The content as one string.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="ContentHash">SHA-256 of the UTF-8 bytes of <paramref name="Content"/>, 64 digits without prefix.</param>
public sealed record FlatDelivery(string OrderId, string Content, string ContentType, string ContentHash);
