using System.Diagnostics.Metrics;
using Posthouse.Connectivity;
using Posthouse.Storage;

namespace Posthouse.Diagnostics;

/// <summary>What stands in the queue and what is believed of destinations, observed when somebody collects and not otherwise.</summary>
internal sealed class QueueGauges
{
    public const string StateTag = "posthouse.state";

    private readonly Reading<QueueCounts> _counts;
    private readonly TimeProvider _time;

    private QueueGauges(IJobStore store, TimeProvider time) => (_counts, _time) = (new Reading<QueueCounts>(store.CountAsync, time), time);

    /// <summary>Adds them to the core's meter.</summary>
    public static void Add(IMeterFactory meters, IJobStore store, IConnectivity connectivity, TimeProvider time) =>
        new QueueGauges(store, time).Create(meters.Create(Telemetry.MeterName), connectivity);

    private void Create(Meter meter, IConnectivity connectivity)
    {
        meter.CreateObservableUpDownCounter("posthouse.queue.jobs", () => Each(States), "{job}", "Jobs that are there, by where they stand.");
        meter.CreateObservableGauge("posthouse.queue.oldest.age", () => Each(counts => Age(counts.OldestReady)), "s",
            "How long the oldest job that is free to run has been waiting for it.");
        meter.CreateObservableUpDownCounter("posthouse.queue.payload.size", () => Each(counts => One(counts.OpenBytes)), "By",
            "Payloads and optimistic results of open jobs.");
        meter.CreateObservableGauge("posthouse.queue.paused", () => Each(counts => One(counts.Paused ? 1 : 0)), null, "Whether all claiming is paused.");
        meter.CreateObservableUpDownCounter("posthouse.queue.paused.destinations", () => Each(counts => One(counts.PausedDestinations.Count)), "{destination}",
            "Destinations that are paused by themselves.");
        if (connectivity is DestinationHealth health)
        {
            meter.CreateObservableUpDownCounter("posthouse.destinations", () => Beliefs(health), "{destination}",
                "Destinations heard of since the start, by what is believed of them; an offline one has an open breaker.");
        }
    }

    private static IEnumerable<Measurement<long>> States(QueueCounts counts) =>
    [
        At("ready", counts.Ready), At("scheduled", counts.Scheduled), At("waiting", counts.Waiting), At("held", counts.Held),
        At("running", counts.Running), At("failed", counts.Failed), At("done", counts.Done), At("closed", counts.Closed),
    ];

    private static IEnumerable<Measurement<long>> Beliefs(DestinationHealth health)
    {
        var (online, offline, unknown) = health.Count();
        return [At("online", online), At("offline", offline), At("unknown", unknown)];
    }

    /// <summary>A machine's clock that was set back makes no job younger than nothing.</summary>
    private IEnumerable<Measurement<double>> Age(DateTimeOffset? since) =>
        [new(since is { } at ? Math.Max(0, (_time.GetUtcNow() - at).TotalSeconds) : 0)];

    private static IEnumerable<Measurement<long>> One(long value) => [new(value)];

    private static Measurement<long> At(string state, long value) => new(value, new KeyValuePair<string, object?>(StateTag, state));

    private IEnumerable<Measurement<T>> Each<T>(Func<QueueCounts, IEnumerable<Measurement<T>>> measure)
        where T : struct => _counts.Observe() is { } counts ? measure(counts) : [];
}
