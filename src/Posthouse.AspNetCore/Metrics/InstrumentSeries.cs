using System.Diagnostics.Metrics;
using System.Globalization;

namespace Posthouse.AspNetCore.Metrics;

/// <summary>The values of one instrument, one series for each set of tags that came with them. Any thread.</summary>
internal sealed class InstrumentSeries
{
    /// <summary>Series of one instrument: ours have a few dozen. What comes with more sets of tags is counted under one that says so.</summary>
    public const int MaxSeries = 1_000;

    /// <summary>The label of the series for all that found no place, as OpenTelemetry's own library names it.</summary>
    public const string Overflow = "otel_metric_overflow";

    /// <summary>Bounds of a histogram whose instrument gives none: OpenTelemetry's own.</summary>
    private static readonly double[] _usual = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<Series>> _byHash = [];
    private readonly List<Series> _series = [];
    private readonly bool _isObserved;
    private readonly bool _adds;
    private readonly double[]? _bounds;
    private Series? _others;
    private int _round;

    public InstrumentSeries(Instrument instrument)
    {
        var kind = instrument.GetType().IsGenericType ? instrument.GetType().GetGenericTypeDefinition() : null;
        var isHistogram = kind == typeof(Histogram<>);
        var isCounter = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        _isObserved = instrument.IsObservable;
        _adds = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        _bounds = isHistogram ? Bounds(instrument) : null;
        (Name, Help) = (PrometheusName.Of(instrument, isCounter), instrument.Description);
        Type = isHistogram ? "histogram" : isCounter ? "counter" : "gauge";
    }

    /// <summary>The family's name.</summary>
    public string Name { get; }

    /// <summary>The family's type.</summary>
    public string Type { get; }

    private string? Help { get; }

    /// <summary>Takes one measurement.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            var series = Find(tags);
            series.Round = _round;
            if (_bounds is { } bounds)
            {
                var at = bounds.AsSpan().BinarySearch(value);
                series.Counts![at < 0 ? ~at : at]++;
                series.Value += value;
            }
            else
            {
                series.Value = _adds ? series.Value + value : value;
            }
        }
    }

    /// <summary>What is observed is about to be: what is not seen again is gone.</summary>
    public void BeginRound()
    {
        lock (_lock) { _round++; }
    }

    /// <summary>Writes the family, if there is anything to tell.</summary>
    public void Write(PrometheusText text)
    {
        lock (_lock)
        {
            var told = _series.Where(series => !_isObserved || series.Round == _round).ToList();
            if (told.Count == 0) { return; }

            text.Family(Name, Type, Help);
            foreach (var series in told)
            {
                if (series.Counts is { } counts) { text.Histogram(Name, series.Labels, _bounds!, counts, series.Value); }
                else { text.Sample(Name, series.Labels, series.Value); }
            }
        }
    }

    private static double[] Bounds(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } given } => [.. given],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } given } => [.. given.Select(bound => (double)bound)],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } given } => [.. given.Select(bound => (double)bound)],
        _ => _usual,
    };

    /// <summary>The series of these tags. One that is known is found without making anything, for this runs with every job.</summary>
    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = new HashCode();
        foreach (var (name, value) in tags)
        {
            hash.Add(name);
            hash.Add(value);
        }

        if (!_byHash.TryGetValue(hash.ToHashCode(), out var alike)) { _byHash[hash.ToHashCode()] = alike = []; }
        foreach (var series in alike)
        {
            if (series.IsOf(tags)) { return series; }
        }

        if (_series.Count >= MaxSeries)
        {
            if (alike.Count == 0) { _byHash.Remove(hash.ToHashCode()); }
            return _others ??= Added(new Series([], [new(Overflow, "true")], Empty()));
        }

        var added = Added(new Series(tags.ToArray(), Labels(tags), Empty()));
        alike.Add(added);
        return added;
    }

    private long[]? Empty() => _bounds is null ? null : new long[_bounds.Length + 1];

    private Series Added(Series series)
    {
        _series.Add(series);
        return series;
    }

    private static KeyValuePair<string, string>[] Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in tags)
        {
            labels[PrometheusName.Plain(name)] = value is bool flag ? flag ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }

        return [.. labels];
    }

    private sealed class Series(KeyValuePair<string, object?>[] tags, KeyValuePair<string, string>[] labels, long[]? counts)
    {
        public IReadOnlyList<KeyValuePair<string, string>> Labels => labels;

        public long[]? Counts => counts;

        /// <summary>The value; of a histogram the sum.</summary>
        public double Value { get; set; }

        /// <summary>When it was last told.</summary>
        public int Round { get; set; }

        public bool IsOf(ReadOnlySpan<KeyValuePair<string, object?>> other)
        {
            if (tags.Length != other.Length) { return false; }
            for (var at = 0; at < other.Length; at++)
            {
                if (tags[at].Key != other[at].Key || !Equals(tags[at].Value, other[at].Value)) { return false; }
            }

            return true;
        }
    }
}
