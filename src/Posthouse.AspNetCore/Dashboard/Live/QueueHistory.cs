using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.Diagnostics;

namespace Posthouse.AspNetCore.Dashboard.Live;

/// <summary>The queue at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Open">Jobs that are not done; those that need a decision are not counted, nor is housekeeping that waits for its time.</param>
/// <param name="Failed">Jobs that need a decision.</param>
/// <param name="Accepted">Jobs stored in a second, by this process.</param>
/// <param name="Done">Jobs done in a second, by this process.</param>
/// <param name="Tries">Tries in a second that ended otherwise, by this process.</param>
internal sealed record Sample(DateTimeOffset At, long Open, long Failed, double Accepted, double Done, double Tries);

/// <summary>Remembers the last hour of the queue, for charts. Memory alone: a restart begins anew.</summary>
internal sealed class QueueHistory : BackgroundService
{
    /// <summary>Time between samples.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>Samples kept: an hour of them, about 60 KB.</summary>
    public const int Most = 720;

    private readonly Reading<QueueStanding> _gauge;
    private readonly TimeProvider _time;
    private readonly MeterListener _meters = new();
    private readonly Lock _lock = new();
    private readonly Queue<Sample> _samples = new(Most);
    private long _accepted;
    private long _done;
    private long _tries;

    public QueueHistory(Reading<QueueStanding> gauge, TimeProvider time, IServiceProvider services)
    {
        (_gauge, _time) = (gauge, time);
        // Of this container alone: a process may hold several.
        var meters = services.GetService<IMeterFactory>();
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Telemetry.MeterName && ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name is PosthouseMetrics.EnqueuedName or PosthouseMetrics.SettledName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>(Count);
    }

    /// <summary>The newest sample; null: none yet.</summary>
    public Sample? Last { get; private set; }

    /// <summary>All samples, oldest first.</summary>
    public IReadOnlyList<Sample> All
    {
        get
        {
            lock (_lock) { return [.. _samples]; }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _meters.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _meters.Start();
        var before = _time.GetTimestamp();
        using var timer = new PeriodicTimer(Every, _time);
        do
        {
            var took = _time.GetElapsedTime(before);
            before = _time.GetTimestamp();
            try
            {
                await TakeAsync(took);
            }
            catch (PosthouseException)
            {
                // A store that cannot be asked leaves a gap in the line; what is wrong with it is told by those who need it.
            }
        }
        while (await NextAsync(timer, stoppingToken));
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task TakeAsync(TimeSpan took)
    {
        var counts = (await _gauge.GetAsync()).Others;
        var seconds = Math.Max(took.TotalSeconds, 1);
        Last = new Sample(_time.GetUtcNow(), counts.Open - counts.Failed, counts.Failed,
            Interlocked.Exchange(ref _accepted, 0) / seconds, Interlocked.Exchange(ref _done, 0) / seconds, Interlocked.Exchange(ref _tries, 0) / seconds);
        lock (_lock)
        {
            if (_samples.Count == Most) { _samples.Dequeue(); }
            _samples.Enqueue(Last);
        }
    }

    private void Count(Instrument instrument, long number, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (instrument.Name == PosthouseMetrics.EnqueuedName)
        {
            Interlocked.Add(ref _accepted, number);
            return;
        }

        foreach (var (name, value) in tags)
        {
            if (name == PosthouseMetrics.OutcomeTag)
            {
                Interlocked.Add(ref value is PosthouseMetrics.DoneOutcome ? ref _done : ref _tries, number);
            }
        }
    }
}
