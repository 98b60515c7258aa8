using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Cache;

/// <summary>One accepted price and the signed message that it stands in: what a tier is given to keep.</summary>
/// <param name="frame">The message, shared by all prices of it.</param>
/// <param name="reading">The price.</param>
internal sealed class KeptPrice(SignedFrame frame, PriceReading reading)
{
    /// <summary>The message.</summary>
    public SignedFrame Frame => frame;

    /// <summary>The price.</summary>
    public PriceReading Reading => reading;

    /// <summary>What it is the price of.</summary>
    public AssetKey Key => reading.Key;

    /// <summary>Who signed it.</summary>
    public NodeId Provider => frame.Envelope.Signer;

    /// <summary>Its place among all that this provider said of this asset.</summary>
    public PriceVersion Version { get; } = new(reading.ObservedAt, frame.Envelope.Stamp, frame.Envelope.Id);

    /// <summary>Every price of a message; none where it holds no prices.</summary>
    public static IEnumerable<KeptPrice> Of(SignedFrame frame) =>
        frame.Content is PriceContent content ? content.Prices.Select(price => new KeptPrice(frame, price)) : [];
}

/// <summary>What a tier says that it keeps. Nothing of it is believed before <see cref="StoredCheck"/> has seen it.</summary>
/// <param name="Key">What it is the price of.</param>
/// <param name="Provider">Who is said to have signed it.</param>
/// <param name="Version">Its place among all that this provider said of this asset.</param>
/// <param name="Signed">The signed message; empty where the tier has lost it.</param>
internal sealed record StoredRow(AssetKey Key, NodeId Provider, PriceVersion Version, ReadOnlyMemory<byte> Signed);
