using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>
/// Takes providers that keep contradicting the others out of the count for a while, as Envoy does with hosts: after faults in a row,
/// each time for longer, never more than a third of all and never the last.
/// </summary>
internal sealed class ProviderEjection
{
    /// <summary>Faults in a row before a provider is ejected; Envoy's number.</summary>
    public const int Faults = 5;

    /// <summary>Of how many providers one may be ejected at a time.</summary>
    public const int OneOf = 3;

    /// <summary>Multiples of <see cref="First"/> that an ejection grows to: five minutes, Envoy's longest.</summary>
    public const int MostTimes = 10;

    /// <summary>The first ejection; the n-th lasts n times as long. Envoy's number.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(30);

    private readonly Dictionary<NodeId, Record> _records = [];
    private readonly HashSet<NodeId> _ejected = [];

    /// <summary>Those that do not count now.</summary>
    public IReadOnlySet<NodeId> Ejected => _ejected;

    /// <summary>Tells what the last round of judging said of one provider.</summary>
    /// <param name="provider">Of whom.</param>
    /// <param name="agrees">Readings that agreed.</param>
    /// <param name="outliers">Readings that did not. At least as many as those that agreed make the round a fault: one wrong symbol takes no other price away.</param>
    /// <param name="providers">How many providers there are.</param>
    /// <param name="now">The steady time.</param>
    /// <returns>For how long the provider is ejected from now; null if it is not.</returns>
    public TimeSpan? Observe(NodeId provider, int agrees, int outliers, int providers, TimeSpan now)
    {
        if (outliers == 0 && !_records.ContainsKey(provider))
        {
            return null;
        }

        if (!_records.TryGetValue(provider, out var record))
        {
            _records.Add(provider, record = new());
        }

        if (_ejected.Contains(provider))
        {
            return null;
        }

        record.Faults = outliers > 0 && outliers >= agrees ? record.Faults + 1 : 0;
        if (record.Faults < Faults || (_ejected.Count + 1) * OneOf > providers)
        {
            return null;
        }

        record.Times = Math.Min(record.Times + 1, MostTimes);
        record.Faults = 0;
        var lasts = First * record.Times;
        record.Until = now + lasts;
        _ejected.Add(provider);
        return lasts;
    }

    /// <summary>Lets those back whose time is over.</summary>
    /// <param name="now">The steady time.</param>
    /// <param name="back">Takes their ids.</param>
    public void Readmit(TimeSpan now, List<NodeId> back)
    {
        if (_ejected.Count == 0)
        {
            return;
        }

        foreach (var provider in _ejected)
        {
            if (now >= _records[provider].Until)
            {
                back.Add(provider);
            }
        }

        foreach (var provider in back)
        {
            _ejected.Remove(provider);
        }
    }

    /// <summary>Forgets a provider that is known no more.</summary>
    public void Forget(NodeId provider)
    {
        _records.Remove(provider);
        _ejected.Remove(provider);
    }

    private sealed class Record
    {
        public int Faults { get; set; }

        public int Times { get; set; }

        public TimeSpan Until { get; set; }
    }
}
