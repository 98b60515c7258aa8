using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Posthouse.Mesh.Prices;

/// <summary>One point of an asset's recent past.</summary>
/// <param name="At">The source's time.</param>
/// <param name="Price">In US dollars.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PricePoint(
    DateTimeOffset At, [property: JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)] decimal Price);

/// <summary>The recent values of one asset, for a line that people look at. Written by the engine, read by anybody.</summary>
internal sealed class PriceHistory
{
    /// <summary>Most points: an hour at one every half minute, and what a line on a screen can show.</summary>
    public const int MaxPoints = 120;

    /// <summary>The least time between two points; a value that comes sooner replaces the last point. An hour must fit, however often a source speaks.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private PricePoint[] _ring = [];
    private int _first;
    private int _count;
    private DateTimeOffset _spot;

    /// <summary>Adds what is served now; a value older than the last point is left out.</summary>
    public void Add(PricePoint point)
    {
        lock (_lock)
        {
            if (_count > 0 && point.At < Last.At)
            {
                return;
            }

            if (_count > 0 && point.At - _spot < Spacing)
            {
                Last = point;
                return;
            }

            Grow();
            if (_count == MaxPoints)
            {
                (_first, _count) = ((_first + 1) % _ring.Length, _count - 1);
            }

            _count++;
            (Last, _spot) = (point, point.At);
        }
    }

    /// <summary>The points, oldest first.</summary>
    public PricePoint[] ToArray()
    {
        lock (_lock)
        {
            var points = new PricePoint[_count];
            for (var at = 0; at < _count; at++)
            {
                points[at] = _ring[(_first + at) % _ring.Length];
            }

            return points;
        }
    }

    private ref PricePoint Last => ref _ring[(_first + _count - 1) % _ring.Length];

    /// <summary>Grows with the past that there is, for a node of a simulation lives a minute.</summary>
    private void Grow()
    {
        if (_count == _ring.Length && _count < MaxPoints)
        {
            Array.Resize(ref _ring, Math.Clamp(_count * 2, 4, MaxPoints));
        }
    }
}
