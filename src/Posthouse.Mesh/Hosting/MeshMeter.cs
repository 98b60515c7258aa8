using System.Diagnostics.Metrics;
using Posthouse.Diagnostics;

namespace Posthouse.Mesh.Hosting;

/// <summary>Tells a node's metrics to whoever collects from meters, under the names they have at <c>/api/mesh/metrics</c>.</summary>
internal static class MeshMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Posthouse.Mesh";

    /// <summary>Makes the instruments of a node that runs.</summary>
    public static async Task AddAsync(IMeterFactory meters, MeshNode node, TimeProvider time)
    {
        var meter = meters.Create(Name);
        var reading = new Reading<IReadOnlyList<MeshMetric>>(node.GetMetricsAsync, time);
        foreach (var metric in await node.GetMetricsAsync())
        {
            // The suffix of its name says the unit, so it needs no other.
            if (metric.Times is { } times)
                times.Instrument = meter.CreateHistogram(metric.Name, null, metric.Help, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = times.Bounds });
            else if (metric.Type == "counter")
                meter.CreateObservableCounter(metric.Name, () => Values(reading, metric.Name), null, metric.Help);
            else
                meter.CreateObservableGauge(metric.Name, () => Values(reading, metric.Name), null, metric.Help);
        }
    }

    private static IEnumerable<Measurement<double>> Values(Reading<IReadOnlyList<MeshMetric>> reading, string name) =>
        reading.Observe()?.First(metric => metric.Name == name).Values.Select(value =>
            new Measurement<double>(value.Value, value.Labels.Select(label => new KeyValuePair<string, object?>(label.Key, label.Value)))) ?? [];
}
