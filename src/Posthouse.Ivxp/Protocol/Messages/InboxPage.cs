namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>A client's own orders in the order of their last change: the answer to <see cref="IvxpProtocol.Routes.Inbox"/>.</summary>
/// <param name="Orders">Orders that changed after the cursor, at most as many as asked for. One that changes again comes again.</param>
/// <param name="NextCursor">Opaque; the next question's <c>after</c>. Where no order came it is the one that was asked with.</param>
public sealed record InboxPage(IReadOnlyList<OrderStatus> Orders, string NextCursor);

/// <summary>What clients signed about the services of a provider: the answer to <see cref="IvxpProtocol.Routes.Reputation"/>.</summary>
/// <param name="Services">The services that are for sale, each once.</param>
public sealed record Reputation(IReadOnlyList<ServiceReputation> Services);

/// <summary>What clients signed about one service.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Receipts">Orders with a signed receipt.</param>
/// <param name="Ratings">Receipts with a rating; never of the provider's own wallet.</param>
/// <param name="Disputes">Orders that were disputed, settled ones too.</param>
/// <param name="MeanRating">The mean of the ratings, 1 to 5, two decimals; absent while there is none.</param>
public sealed record ServiceReputation(string Type, long Receipts, long Ratings, long Disputes, decimal? MeanRating = null);
