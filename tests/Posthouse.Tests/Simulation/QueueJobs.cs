using System.Text.Json.Serialization;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Tests.Simulation;

/// <summary>What a simulated job's handler does before it calls the far side.</summary>
internal enum Mood
{
    Plain,

    /// <summary>Takes up to two leases, and stops when told.</summary>
    Slow,

    /// <summary>Takes up to two leases, whatever it is told.</summary>
    Stubborn,

    /// <summary>Ends its process, every time.</summary>
    Crashes,

    /// <summary>Is refused by the far side, every time.</summary>
    Rejected,

    /// <summary>Asks for a later time at its first try.</summary>
    Snoozes,

    /// <summary>Makes a change of its own in the settling transaction.</summary>
    Writes,
}

/// <summary>An intent of the simulation.</summary>
internal abstract record SimJob(int Number, Mood Mood, string To, string? Key) : IJob<int>
{
    public int OptimisticResult(OptimisticContext context) => -Number;
}

#pragma warning disable PH0002 // These three are registered by hand: one shape under three declarations.
/// <summary>A standing job answers for a duplicate; a dead one blocks what is behind it.</summary>
internal sealed record KeptJob(int Number, Mood Mood, string To, string? Key) : SimJob(Number, Mood, To, Key);

/// <summary>A duplicate takes the place of a pending one; a dead one is skipped.</summary>
internal sealed record ReplacedJob(int Number, Mood Mood, string To, string? Key) : SimJob(Number, Mood, To, Key);

/// <summary>A duplicate is refused; a dead one takes down what is behind it.</summary>
internal sealed record RefusedJob(int Number, Mood Mood, string To, string? Key) : SimJob(Number, Mood, To, Key);
#pragma warning restore PH0002

[JsonSerializable(typeof(KeptJob))]
[JsonSerializable(typeof(ReplacedJob))]
[JsonSerializable(typeof(RefusedJob))]
[JsonSerializable(typeof(int))]
internal sealed partial class SimJobJson : JsonSerializerContext;

/// <summary>The three job types with plans short enough for a run of some seconds.</summary>
internal static class QueueJobs
{
    /// <summary>Enough for two losses in a bad run, few enough to be reached.</summary>
    public const int MaxAttempts = 5;

    /// <summary>The longest wait of a retry: what a clock that goes back may cost at most.</summary>
    public static readonly TimeSpan Cap = TimeSpan.FromSeconds(3);

    private static readonly Backoff Plan = new() { Base = TimeSpan.FromMilliseconds(200), Cap = Cap, MaxAttempts = MaxAttempts };

    public static JobRegistry Registry { get; } = new JobRegistry()
        .Register(new JobDescriptor<KeptJob, int>("sim.kept", 1, SimJobJson.Default.KeptJob, SimJobJson.Default.Int32)
        {
            DeduplicationKeyOf = job => job.Key,
            DestinationOf = job => job.To,
            OnDuplicate = OnDuplicate.ReturnExisting,
            WhenDead = WhenDead.Block,
            Plan = Plan,
        })
        .Register(new JobDescriptor<ReplacedJob, int>("sim.replaced", 1, SimJobJson.Default.ReplacedJob, SimJobJson.Default.Int32)
        {
            DeduplicationKeyOf = job => job.Key,
            DestinationOf = job => job.To,
            OnDuplicate = OnDuplicate.ReplacePending,
            WhenDead = WhenDead.Skip,
            Plan = Plan,
        })
        .Register(new JobDescriptor<RefusedJob, int>("sim.refused", 1, SimJobJson.Default.RefusedJob, SimJobJson.Default.Int32)
        {
            DeduplicationKeyOf = job => job.Key,
            DestinationOf = job => job.To,
            OnDuplicate = OnDuplicate.Reject,
            WhenDead = WhenDead.DiscardDependents,
            Plan = Plan,
        });
}
