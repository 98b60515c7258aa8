using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Posthouse.AspNetCore.Metrics;

/// <summary>Keeps what the meters of one container tell, from its making on, and writes it for a collector. Any thread.</summary>
internal sealed class MeterCollector : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, InstrumentSeries> _instruments = new();
    private readonly Lock _collecting = new();
    private readonly IMeterFactory _meters;

    public MeterCollector(IMeterFactory meters)
    {
        _meters = meters;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Wants(instrument.Meter)) { listener.EnableMeasurementEvents(instrument, _instruments[instrument] = new InstrumentSeries(instrument)); }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _instruments.TryRemove(instrument, out var _);
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, series) => Record(series, value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, series) => Record(series, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, series) => Record(series, value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, series) => Record(series, value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, series) => Record(series, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, series) => Record(series, value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, series) => Record(series, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Everything that is known now, in Prometheus' text format, families by name.</summary>
    public string Collect()
    {
        var text = new PrometheusText();
        // Rounds of two collectors at once would take each other's observations away.
        lock (_collecting)
        {
            foreach (var series in _instruments.Values) { series.BeginRound(); }
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // An instrument of somebody else failed; all others were observed, and that one is left out.
            }

            // A family comes once, whoever else gave an instrument its name.
            foreach (var family in _instruments.Values.GroupBy(series => series.Name, StringComparer.Ordinal).OrderBy(family => family.Key, StringComparer.Ordinal))
            {
                family.First().Write(text);
            }
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Ours and the web server's, of this container alone, and the runtime's. Others' may have a label for every client.</summary>
    private bool Wants(Meter meter) => meter.Name == "System.Runtime"
        || (ReferenceEquals(meter.Scope, _meters) && (meter.Name == "Posthouse" || meter.Name.StartsWith("Posthouse.", StringComparison.Ordinal) || meter.Name == "Microsoft.AspNetCore.Hosting"));

    private static void Record(object? series, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => ((InstrumentSeries)series!).Record(value, tags);
}
