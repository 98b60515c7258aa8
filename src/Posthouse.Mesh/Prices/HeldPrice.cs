using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>One reading in the map, with who signed it and what is needed to hand it on.</summary>
/// <param name="reading">What was read.</param>
/// <param name="provider">Who signed it.</param>
/// <param name="stamp">The signed message's place among its signer's.</param>
/// <param name="messageId">The signed message's id.</param>
internal sealed class HeldPrice(PriceReading reading, NodeId provider, Stamp stamp, MessageId messageId)
{
    /// <summary>What was read.</summary>
    public PriceReading Reading => reading;

    /// <summary>Who signed it.</summary>
    public NodeId Provider => provider;

    /// <summary>What it is the price of.</summary>
    public AssetKey Key => reading.Key;

    /// <summary>In US dollars.</summary>
    public decimal Price => reading.Price;

    /// <summary>The source's time.</summary>
    public DateTimeOffset ObservedAt => reading.ObservedAt;

    /// <summary>Its place among all of the provider's readings of this asset.</summary>
    public PriceVersion Version => new(reading.ObservedAt, stamp, messageId);

    /// <summary>What a digest says of it.</summary>
    public DigestItem Item => new(Key, provider, ObservedAt, stamp, messageId);

    /// <summary>Its bucket in the digest; set by the map.</summary>
    public int Bucket { get; set; }

    /// <summary>How it came here first; a later live copy of the same message makes it live.</summary>
    public PriceOrigin Origin { get; set; }

    /// <summary>The signed message as it came, shared by all readings of it: peers that catch up get the original, never a copy signed anew.</summary>
    public ReadOnlyMemory<byte> Signed { get; init; }

    /// <summary>Whether this reading was already counted for or against its provider; each counts once.</summary>
    public bool IsJudged { get; set; }
}
