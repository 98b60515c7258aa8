namespace Posthouse.Mesh.Wire;

/// <summary>The prices of one fetch.</summary>
/// <param name="Slot">The fetch slot: whole intervals since 1970.</param>
/// <param name="Prices">At most 512, sorted by key, no key twice.</param>
internal sealed record PriceContent(ulong Slot, PriceReading[] Prices) : SignedContent
{
    private const byte HasChange = 1;
    private const byte HasVenue = 2;
    private const byte HasConfidence = 4;
    private const byte AllFlags = HasChange | HasVenue | HasConfidence;
    private const int LeastPriceBytes = 2 + 2 + 2 + 1 + 1;

    /// <inheritdoc/>
    public override FrameType Type => FrameType.PriceUpdate;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Varint(Slot);
        writer.Count(Prices.Length, MeshProtocol.MaxPrices);
        for (var at = 0; at < Prices.Length; at++)
        {
            if (at > 0 && Prices[at].Key.CompareTo(Prices[at - 1].Key) <= 0)
                throw new ArgumentException("The prices of an update are sorted by key, and no key comes twice.");
            WritePrice(ref writer, Prices[at]);
        }
    }

    internal static PriceContent Read(ref FrameReader reader)
    {
        var slot = reader.Varint();
        var prices = new PriceReading[reader.Count(MeshProtocol.MaxPrices, LeastPriceBytes)];
        for (var at = 0; at < prices.Length && reader.IsSound; at++)
        {
            prices[at] = ReadPrice(ref reader);
            if (at > 0 && reader.IsSound && prices[at].Key.CompareTo(prices[at - 1].Key) <= 0)
                reader.Fail(Refusal.NotSorted);
        }

        return new PriceContent(slot, prices);
    }

    private static void WritePrice(ref FrameWriter writer, PriceReading price)
    {
        writer.Key(price.Key);
        writer.Decimal(price.Price);
        writer.Time(price.ObservedAt);
        writer.Byte((byte)((price.Change24h is null ? 0 : HasChange) | (price.Venue is null ? 0 : HasVenue) | (price.Confidence is null ? 0 : HasConfidence)));
        if (price.Change24h is { } change)
            writer.Decimal(change);
        if (price.Venue is { } venue)
            writer.Text(venue, MeshProtocol.NameChars, WireText.Printable);
        if (price.Confidence is { } confidence)
            writer.Decimal(confidence);
    }

    private static PriceReading ReadPrice(ref FrameReader reader)
    {
        var price = new PriceReading(reader.Key(), reader.Decimal(), reader.Time());
        var flags = reader.Byte(AllFlags, Refusal.UnknownChoice);
        return flags == 0 ? price : price with
        {
            Change24h = (flags & HasChange) != 0 ? reader.Decimal() : null,
            Venue = (flags & HasVenue) != 0 ? reader.Text(MeshProtocol.NameChars, WireText.Printable) : null,
            Confidence = (flags & HasConfidence) != 0 ? reader.Decimal() : null,
        };
    }
}
