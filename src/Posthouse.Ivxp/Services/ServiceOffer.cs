using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Services;

/// <summary>A service for sale and who does its work.</summary>
/// <param name="Type">Its name on the wire, 1 to 256 characters.</param>
/// <param name="Price">What it costs, above 0 and at most <see cref="IvxpProtocol.Limits.MaxPrice"/>.</param>
/// <param name="Handler">Who does the work.</param>
public sealed record ServiceOffer(string Type, UsdcAmount Price, IServiceHandler Handler)
{
    // A year: longer is a typing error, and the originals refuse more.
    private const double MaxHours = 8760;

    /// <summary>How long it usually takes, above 0 and at most 8,760 hours. Default 1.</summary>
    public double EstimatedDeliveryHours { get; init; } = 1;

    /// <summary>
    /// Whether a download must be signed by the order's client (G1). Default false: known clients of version 1.0 cannot sign one, and the
    /// order's id is a secret of 122 bits.
    /// </summary>
    public bool SignedDownload { get; init; }

    /// <summary>Refuses an offer that could not be sold.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: name, price or hours are out of range.</exception>
    internal ServiceOffer Checked()
    {
        if (Type is not { Length: > 0 and <= IvxpProtocol.Limits.NameLength })
            throw Wrong($"A service has a name of 1 to {IvxpProtocol.Limits.NameLength} characters, not '{Type}'.");
        if (Price == UsdcAmount.Zero || Price > IvxpProtocol.Limits.MaxPrice)
            throw Wrong($"Service '{Type}' costs {Price} USDC; a price is above 0 and at most {IvxpProtocol.Limits.MaxPrice}.");
        if (EstimatedDeliveryHours is not (> 0 and <= MaxHours))
            throw Wrong($"Service '{Type}' takes {EstimatedDeliveryHours} hours; above 0 and at most {MaxHours} can be sold.");
        return this;
    }

    private static PosthouseException Wrong(string message) => new(ErrorCodes.OptionsInvalid, message);
}
