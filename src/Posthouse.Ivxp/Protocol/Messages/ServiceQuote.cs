namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>An offer at a price: the answer to a <see cref="ServiceRequest"/>.</summary>
/// <param name="Protocol">The version of the request.</param>
/// <param name="MessageType"><see cref="IvxpProtocol.MessageTypes.Quote"/>.</param>
/// <param name="Timestamp">When it was made.</param>
/// <param name="OrderId">The order that begins here.</param>
/// <param name="ProviderAgent">Who offers.</param>
/// <param name="Quote">Price and where to pay.</param>
/// <param name="Terms">Conditions.</param>
public sealed record ServiceQuote(
    string Protocol,
    string MessageType,
    string Timestamp,
    string OrderId,
    ProviderAgent ProviderAgent,
    QuotedPrice Quote,
    QuoteTerms? Terms = null);

/// <summary>The provider of an order.</summary>
/// <param name="Name">Its name.</param>
/// <param name="WalletAddress">The account that signs deliveries.</param>
public sealed record ProviderAgent(string Name, string WalletAddress);

/// <summary>Price and where to pay.</summary>
/// <param name="PriceUsdc">USDC, above 0.</param>
/// <param name="EstimatedDelivery">When the result is expected.</param>
/// <param name="PaymentAddress">The account to pay to.</param>
/// <param name="Network">One of <see cref="UsdcNetwork.All"/>.</param>
/// <param name="TokenContract">The contract of USDC on that network.</param>
public sealed record QuotedPrice(UsdcAmount PriceUsdc, string EstimatedDelivery, string PaymentAddress, string Network, string? TokenContract = null);

/// <summary>Conditions of a quote.</summary>
/// <param name="PaymentTimeout">Seconds in which the payment must be in a block, above 0.</param>
public sealed record QuoteTerms(int? PaymentTimeout = null);
