using System.Diagnostics.Metrics;
using Posthouse.Storage;

namespace Posthouse.Diagnostics;

/// <summary>
/// What the core measures. Tags are job names and outcomes, both few; ids and destinations are not tags, because each would
/// be a time series of its own. Times are seconds.
/// </summary>
internal sealed class PosthouseMetrics
{
    public const string JobNameTag = "posthouse.job.name";
    public const string OutcomeTag = "posthouse.outcome";
    public const string DoneOutcome = "done";
    public const string EnqueuedName = "posthouse.jobs.enqueued";
    public const string SettledName = "posthouse.jobs.settled";

    // From a commit on fast storage to a handler that takes minutes.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    };

    // A group takes at most a few hundred operations.
    private static readonly InstrumentAdvice<int> Operations = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };

    private readonly Counter<long> _enqueued;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _leasesLost;
    private readonly Histogram<double> _attempt;
    private readonly Histogram<double> _pickup;
    private readonly Histogram<double> _commit;
    private readonly Histogram<int> _group;

    public PosthouseMetrics(IMeterFactory meters)
        : this(meters.Create(Telemetry.MeterName))
    {
    }

    private PosthouseMetrics(Meter meter)
    {
        _enqueued = meter.CreateCounter<long>(EnqueuedName, "{job}", "Jobs that were stored.");
        _settled = meter.CreateCounter<long>(SettledName, "{attempt}", "Tries that ended, by how.");
        _leasesLost = meter.CreateCounter<long>("posthouse.leases.lost", "{lease}", "Leases that ended without an answer.");
        _attempt = meter.CreateHistogram("posthouse.attempt.duration", "s", "Time a handler took for one try.", null, Seconds);
        _pickup = meter.CreateHistogram("posthouse.queue.pickup", "s", "Time from when a job could run to when it did.", null, Seconds);
        _commit = meter.CreateHistogram("posthouse.commit.duration", "s", "Time of one group commit.", null, Seconds);
        _group = meter.CreateHistogram("posthouse.commit.group_size", "{operation}", "Operations in one group commit.", null, Operations);
    }

    /// <summary>For engines that nobody watches, in simulations and tests.</summary>
    public static PosthouseMetrics Unwatched { get; } = new(new Meter($"{Telemetry.MeterName}.Unwatched"));

    /// <summary>Whether durations of commits are worth measuring.</summary>
    public bool CommitEnabled => _commit.Enabled || _group.Enabled;

    /// <summary>A job was stored.</summary>
    public void Enqueued(string name)
    {
        if (_enqueued.Enabled)
        {
            _enqueued.Add(1, Job(name));
        }
    }

    /// <summary>A handler began a job that could have run for <paramref name="waited"/>.</summary>
    public void PickedUp(string name, TimeSpan waited)
    {
        if (_pickup.Enabled)
        {
            _pickup.Record(waited.TotalSeconds, Job(name));
        }
    }

    /// <summary>A try ended and its end was stored.</summary>
    public void Settled(string name, SettlementKind kind, TimeSpan took)
    {
        if (_settled.Enabled)
        {
            _settled.Add(1, Job(name), Outcome(kind));
        }

        if (_attempt.Enabled)
        {
            _attempt.Record(took.TotalSeconds, Job(name), Outcome(kind));
        }
    }

    /// <summary>A group was committed.</summary>
    public void Committed(int operations, TimeSpan took)
    {
        if (CommitEnabled)
        {
            _commit.Record(took.TotalSeconds);
            _group.Record(operations);
        }
    }

    /// <summary>Leases ended without an answer.</summary>
    public void LeasesLost(int count)
    {
        if (_leasesLost.Enabled && count > 0)
        {
            _leasesLost.Add(count);
        }
    }

    /// <summary>The tag's value; dashboards and alerts are written against it.</summary>
    internal static string OutcomeOf(SettlementKind kind) => kind switch
    {
        SettlementKind.Done => DoneOutcome,
        SettlementKind.Again => "again",
        SettlementKind.Hold => "hold",
        SettlementKind.Dead => "dead",
        SettlementKind.Return => "return",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static KeyValuePair<string, object?> Job(string name) => new(JobNameTag, name);

    private static KeyValuePair<string, object?> Outcome(SettlementKind kind) => new(OutcomeTag, OutcomeOf(kind));
}
