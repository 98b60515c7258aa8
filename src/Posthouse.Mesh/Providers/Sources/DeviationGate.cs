using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// Lets of a stream through what is worth a message: a price that moved, or any price after a while, so that a busy market does not flood the
/// mesh and a calm one does not look dead.
/// </summary>
/// <param name="time">Measures the while.</param>
/// <param name="deviation">The move, as a share of the price that was let through last.</param>
/// <param name="heartbeat">The while.</param>
internal sealed class DeviationGate(TimeProvider time, decimal deviation, TimeSpan heartbeat)
{
    private readonly Dictionary<AssetKey, (decimal Price, long At, DateTimeOffset NewestAt)> _last = [];

    /// <summary>Whether a reading goes through. One that is older than another that was seen never does.</summary>
    public bool Passes(PriceReading reading)
    {
        var now = time.GetTimestamp();
        if (_last.TryGetValue(reading.Key, out var last))
        {
            if (reading.ObservedAt < last.NewestAt)
                return false;
            if (Math.Abs(reading.Price - last.Price) < last.Price * deviation && time.GetElapsedTime(last.At, now) < heartbeat)
            {
                _last[reading.Key] = last with { NewestAt = reading.ObservedAt };
                return false;
            }
        }

        _last[reading.Key] = (reading.Price, now, reading.ObservedAt);
        return true;
    }
}
