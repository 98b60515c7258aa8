using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Metrics;

namespace Posthouse.Tests.AspNetCore.Metrics;

public sealed class MeterCollectorTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterCollector _collector;
    private readonly Meter _meter;

    public MeterCollectorTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _collector = new MeterCollector(meters);
        _meter = meters.Create("Posthouse.Test");
    }

    public void Dispose()
    {
        _collector.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Each_kind_of_instrument_is_told_as_the_format_wants_it()
    {
        _meter.CreateCounter<long>("a.jobs", "{job}", "Jobs\nof \\ kinds.").Add(2, Tag("k.x", "a\"b\\c\nd"), Tag("flag", true));
        _meter.CreateUpDownCounter<int>("b.open").Add(-3);
        _meter.CreateHistogram("c.time", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] }).Record(1);
        _meter.CreateGauge<double>("d.level", "%").Record(0.25);
        _meter.CreateObservableCounter("e.size", () => 7L, "By");

        var text = Ours();

        text.ShouldBe("""
            # HELP a_jobs_total Jobs\nof \\ kinds.
            # TYPE a_jobs_total counter
            a_jobs_total{flag="true",k_x="a\"b\\c\nd"} 2
            # HELP b_open b_open
            # TYPE b_open gauge
            b_open -3
            # HELP c_time_seconds c_time_seconds
            # TYPE c_time_seconds histogram
            c_time_seconds_bucket{le="0.5"} 0
            c_time_seconds_bucket{le="1"} 1
            c_time_seconds_bucket{le="+Inf"} 1
            c_time_seconds_sum 1
            c_time_seconds_count 1
            # HELP d_level_percent d_level_percent
            # TYPE d_level_percent gauge
            d_level_percent 0.25
            # HELP e_size_bytes_total e_size_bytes_total
            # TYPE e_size_bytes_total counter
            e_size_bytes_total 7

            """);
    }

    [Fact]
    public void What_is_not_observed_any_more_is_not_told_any_more()
    {
        var seen = new List<string> { "one", "two" };
        _meter.CreateObservableGauge("a", () => seen.Select(name => new Measurement<long>(1, Tag("name", name))));
        Ours().ShouldContain("a{name=\"one\"} 1\na{name=\"two\"} 1\n");
        seen.Remove("one");
        Ours().ShouldNotContain("one");
        seen.Clear();
        Ours().ShouldBe("");
    }

    [Fact]
    public void Tags_beyond_the_limit_are_counted_in_one_series()
    {
        var counter = _meter.CreateCounter<long>("a");
        for (var at = 0; at < InstrumentSeries.MaxSeries + 10; at++) { counter.Add(1, Tag("at", at)); }
        counter.Add(1, Tag("at", 0));

        var told = PrometheusReader.Parse(Ours());

        told.Count.ShouldBe(InstrumentSeries.MaxSeries + 1);
        (told["a_total{otel_metric_overflow=\"true\"}"], told["a_total{at=\"0\"}"]).ShouldBe((10, 2));
    }

    [Fact]
    public void Meters_of_other_containers_and_of_strangers_are_not_told()
    {
        using var others = new ServiceCollection().AddMetrics().BuildServiceProvider();
        others.GetRequiredService<IMeterFactory>().Create("Posthouse.Test").CreateCounter<long>("theirs").Add(1);
        _services.GetRequiredService<IMeterFactory>().Create("Stranger").CreateCounter<long>("stranger").Add(1);

        Ours().ShouldBe("");
    }

    [Fact]
    public void An_instrument_that_fails_leaves_the_others_alone()
    {
        _meter.CreateObservableGauge("a", long () => throw new InvalidOperationException());
        _meter.CreateObservableGauge("b", () => 1L);

        Ours().ShouldEndWith("b 1\n");
    }

    [Fact]
    public async Task Counts_of_many_threads_are_all_there()
    {
        var counter = _meter.CreateCounter<long>("a");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var at = 0; at < 10_000; at++) { counter.Add(1, Tag("at", at % 7)); }
        })));

        PrometheusReader.Parse(Ours()).Values.Sum().ShouldBe(40_000);
    }

    /// <summary>What is told, without the runtime's own.</summary>
    private string Ours() => string.Concat(_collector.Collect().Split('\n')[..^1]
        .Where(line => !line.Contains("dotnet_", StringComparison.Ordinal)).Select(line => line + "\n"));

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);
}
