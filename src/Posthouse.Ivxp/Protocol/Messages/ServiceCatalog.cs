namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>What a provider sells: the answer to <see cref="IvxpProtocol.Routes.Catalog"/>.</summary>
/// <param name="Protocol">Always <see cref="IvxpProtocol.Version10"/>: every client starts here.</param>
/// <param name="Provider">The provider's name.</param>
/// <param name="WalletAddress">The account that signs deliveries.</param>
/// <param name="Services">What is for sale.</param>
/// <param name="MessageType"><see cref="IvxpProtocol.MessageTypes.Catalog"/>.</param>
/// <param name="Timestamp">When it was written.</param>
/// <param name="Capabilities">What the provider can do beyond version 1.0; unknown words are ignored.</param>
public sealed record ServiceCatalog(
    string Protocol,
    string Provider,
    string WalletAddress,
    IReadOnlyList<CatalogEntry> Services,
    string? MessageType = null,
    string? Timestamp = null,
    IReadOnlyList<string>? Capabilities = null);

/// <summary>One service of a catalog.</summary>
/// <param name="Type">Its name.</param>
/// <param name="BasePriceUsdc">Its price in USDC.</param>
/// <param name="EstimatedDeliveryHours">How long it takes, above 0 (clients refuse 0) and at most 8,760.</param>
public sealed record CatalogEntry(string Type, UsdcAmount BasePriceUsdc, double EstimatedDeliveryHours);
