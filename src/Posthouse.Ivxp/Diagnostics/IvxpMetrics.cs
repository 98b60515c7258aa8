using System.Diagnostics.Metrics;
using Posthouse.Diagnostics;
using Posthouse.Ivxp.Orders;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Diagnostics;

/// <summary>What a provider measures. Tags are states and classes of failures; orders and clients are none, for each would be a series of its own.</summary>
internal sealed class IvxpMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Posthouse.Ivxp";

    /// <summary>The outcome of a push that its client took; others are those of <see cref="Orders.Pushes.PushFailure"/>.</summary>
    public const string Delivered = "delivered";

    private readonly Histogram<double>? _push;

    /// <param name="store">The store, which is opened by whoever needs it first.</param>
    /// <param name="time">The clock.</param>
    /// <param name="meters">Where they are told; null: nobody collects.</param>
    public IvxpMetrics(Func<IStore> store, TimeProvider time, IMeterFactory? meters = null)
    {
        if (meters?.Create(MeterName) is not { } meter) { return; }

        var states = new Reading<IReadOnlyList<(OrderState State, long Count)>>(() => store().ReadAsync(OrderRows.CountByState), time);
        meter.CreateObservableUpDownCounter("posthouse.ivxp.orders", () => Measured(states.Observe()), "{order}", "Orders that are there, by state.");
        _push = meter.CreateHistogram("posthouse.ivxp.push.duration", "s", "Time that one push took, by its outcome: delivered, or the class of its failure.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
    }

    /// <summary>A push was tried.</summary>
    public void Pushed(string outcome, TimeSpan took) => _push?.Record(took.TotalSeconds, new KeyValuePair<string, object?>(PosthouseMetrics.OutcomeTag, outcome));

    /// <summary>States without an order are told too, so that a collector sees them fall to nothing.</summary>
    private static IEnumerable<Measurement<long>> Measured(IReadOnlyList<(OrderState State, long Count)>? counts) => counts is null ? [] : Enum.GetValues<OrderState>()
        .Select(state => new Measurement<long>(counts.FirstOrDefault(one => one.State == state).Count, new KeyValuePair<string, object?>(QueueGauges.StateTag, OrderLaw.Name(state))));
}
