namespace Posthouse.Mesh.Wire;

/// <summary>Cuts the prices of one fetch into updates that can be sent.</summary>
internal static class PriceBatches
{
    /// <summary>What an update has before its prices, certificate and signature included, is about 330 bytes.</summary>
    private const int OverheadBytes = 512;

    /// <summary>The most that a time, flags, and one decimal number (its length, 29 digits, point and sign) take.</summary>
    private const int TimeBytes = 7;
    private const int DecimalBytes = 32;

    /// <summary>Sorts prices by key, keeps of each key the one observed last, and cuts where an update would have too many or become too long.</summary>
    /// <exception cref="ArgumentException">The wire cannot carry a price's key or venue.</exception>
    public static IReadOnlyList<PriceReading[]> Of(IEnumerable<PriceReading> readings)
    {
        var newest = new SortedDictionary<AssetKey, PriceReading>();
        foreach (var reading in readings)
        {
            if (!WireText.IsKey(reading.Key))
                throw new ArgumentException($"No price of '{reading.Key}' can be sent: an asset is A-Z, 0-9, '.', '_', '-', a chain the same in lower case.");
            if (!newest.TryGetValue(reading.Key, out var other) || other.ObservedAt < reading.ObservedAt)
                newest[reading.Key] = reading;
        }

        var batches = new List<PriceReading[]>();
        var batch = new List<PriceReading>();
        var bytes = OverheadBytes;
        foreach (var reading in newest.Values)
        {
            var more = MostBytes(reading);
            if (batch.Count == MeshProtocol.MaxPrices || bytes + more > MeshProtocol.MaxSignedBytes)
            {
                batches.Add([.. batch]);
                batch.Clear();
                bytes = OverheadBytes;
            }

            batch.Add(reading);
            bytes += more;
        }

        if (batch.Count > 0)
            batches.Add([.. batch]);
        return batches;
    }

    private static int MostBytes(PriceReading price) => 2 + price.Key.Asset.Length + price.Key.Chain.Length + TimeBytes + DecimalBytes
        + (price.Change24h is null ? 0 : DecimalBytes) + (price.Confidence is null ? 0 : DecimalBytes) + (price.Venue is { } venue ? venue.Length + 1 : 0);
}
