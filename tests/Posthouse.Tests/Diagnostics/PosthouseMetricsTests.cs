using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Diagnostics;
using Posthouse.Storage;

namespace Posthouse.Tests.Diagnostics;

public sealed class PosthouseMetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<string> _seen = [];
    private readonly PosthouseMetrics _metrics;

    public PosthouseMetricsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
        _metrics = new PosthouseMetrics(meters);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Names_units_and_tags_are_pinned()
    {
        _metrics.Enqueued("chat.send");
        _metrics.PickedUp("chat.send", TimeSpan.FromMilliseconds(5));
        _metrics.Settled("chat.send", SettlementKind.Done, TimeSpan.FromSeconds(2));
        _metrics.Committed(3, TimeSpan.FromMilliseconds(1));
        _metrics.LeasesLost(2);
        _metrics.LeasesLost(0);
        _seen.ShouldBe(
        [
            "Posthouse posthouse.jobs.enqueued 1 {job} posthouse.job.name=chat.send",
            "Posthouse posthouse.queue.pickup 0.005 s posthouse.job.name=chat.send",
            "Posthouse posthouse.jobs.settled 1 {attempt} posthouse.job.name=chat.send posthouse.outcome=done",
            "Posthouse posthouse.attempt.duration 2 s posthouse.job.name=chat.send posthouse.outcome=done",
            "Posthouse posthouse.commit.duration 0.001 s",
            "Posthouse posthouse.commit.group_size 3 {operation}",
            "Posthouse posthouse.leases.lost 2 {lease}",
        ]);
    }

    [Fact]
    public void The_values_of_the_outcome_are_pinned() =>
        Enum.GetValues<SettlementKind>().Select(PosthouseMetrics.OutcomeOf).ShouldBe(["done", "again", "hold", "dead", "return"]);

    [Fact]
    public void Nothing_is_measured_while_nobody_watches()
    {
        _metrics.CommitEnabled.ShouldBeTrue();
        _listener.Dispose();
        _metrics.CommitEnabled.ShouldBeFalse();
        _metrics.Committed(1, TimeSpan.Zero);
        PosthouseMetrics.Unwatched.Enqueued("chat.send");
        _seen.ShouldBeEmpty();
    }

    private void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => _seen.Add(string.Join(' ',
        new[] { instrument.Meter.Name, instrument.Name, $"{value}", instrument.Unit ?? "" }.Concat(tags.ToArray().Select(t => $"{t.Key}={t.Value}"))));
}
