using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>
/// All served values at one instant; immutable. Where an asset stands never changes, so that a publication copies an array of references
/// and nothing else; only a new asset, or one that is gone, costs a new index.
/// </summary>
internal sealed class PriceSnapshot
{
    private readonly Dictionary<AssetKey, int> _places;
    private readonly Dictionary<string, int[]> _bySymbol;
    private readonly Aggregate[] _values;

    private PriceSnapshot(Dictionary<AssetKey, int> places, Dictionary<string, int[]> bySymbol, Aggregate[] values) =>
        (_places, _bySymbol, _values) = (places, bySymbol, values);

    /// <summary>Nothing.</summary>
    public static PriceSnapshot Empty { get; } = new([], [], []);

    /// <summary>All values, in no order.</summary>
    public IReadOnlyList<Aggregate> Values => _values;

    /// <summary>The value of one asset; null: none.</summary>
    public Aggregate? Find(AssetKey key) => _places.TryGetValue(key, out var place) ? _values[place] : null;

    /// <summary>The values of one symbol on all chains.</summary>
    public ReadOnlySpan<int> PlacesOf(string symbol) => _bySymbol.TryGetValue(symbol, out var places) ? places : [];

    /// <summary>The value at a place.</summary>
    public Aggregate At(int place) => _values[place];

    /// <summary>The snapshot after some assets got other values.</summary>
    public PriceSnapshot With(IReadOnlyList<Aggregate> changed)
    {
        var places = _places;
        var values = new List<Aggregate>(_values);
        foreach (var value in changed)
        {
            if (places.TryGetValue(value.Reading.Key, out var place))
            {
                values[place] = value;
                continue;
            }

            places = ReferenceEquals(places, _places) ? new(_places) : places;
            places.Add(value.Reading.Key, values.Count);
            values.Add(value);
        }

        return new(places, ReferenceEquals(places, _places) ? _bySymbol : BySymbol(places), [.. values]);
    }

    /// <summary>The snapshot after some assets are gone.</summary>
    public PriceSnapshot Without(IReadOnlyCollection<AssetKey> gone)
    {
        var values = new List<Aggregate>(_values.Length);
        var places = new Dictionary<AssetKey, int>(_values.Length);
        foreach (var value in _values)
        {
            if (!gone.Contains(value.Reading.Key))
            {
                places.Add(value.Reading.Key, values.Count);
                values.Add(value);
            }
        }

        return new(places, BySymbol(places), [.. values]);
    }

    private static Dictionary<string, int[]> BySymbol(Dictionary<AssetKey, int> places)
    {
        var found = new Dictionary<string, int[]>(places.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var (key, place) in places)
        {
            found[key.Asset] = found.TryGetValue(key.Asset, out var others) ? [.. others, place] : [place];
        }

        return found;
    }
}
