using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>How far an operation came while its verb ran.</summary>
internal enum OperationEndKind
{
    /// <summary>It arrived.</summary>
    Done = 1,

    /// <summary>It waits in the queue; a later sync goes on with it.</summary>
    Queued = 2,

    /// <summary>It was refused for good or could not be queued; nothing of it waits.</summary>
    Failed = 3,

    /// <summary>Another has the lock, or this clone lost it; nothing of it waits.</summary>
    Conflict = 4,

    /// <summary>It may have arrived; it waits in the queue, and a later sync finds out.</summary>
    OutcomeUnknown = 5,
}

/// <summary>How an operation ended for the verb that asked for it.</summary>
/// <param name="Id">Its job.</param>
/// <param name="Kind">How far it came.</param>
internal sealed record OperationEnd(JobId Id, OperationEndKind Kind)
{
    /// <summary>What it has to say, where it is done.</summary>
    public OperationResult? Result { get; init; }

    /// <summary>The last failure, where there was one and it is not done.</summary>
    public RemoteFailure? Failure { get; init; }

    /// <summary>Tries that were made while the verb ran.</summary>
    public int Attempts { get; init; }

    /// <summary>How long that took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Before when a queued operation is not tried, or null: it goes with the next sync.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Whether a queued operation is success to the caller (<c>--queued-ok</c>).</summary>
    public bool QueuedIsDone { get; init; }

    /// <summary>The verb's exit code, if nothing else decides about it.</summary>
    public int ExitCode => Kind switch
    {
        OperationEndKind.Done => ExitCodes.Done,
        OperationEndKind.Queued => QueuedIsDone ? ExitCodes.Done : ExitCodes.Queued,
        OperationEndKind.OutcomeUnknown => ExitCodes.OutcomeUnknown,
        OperationEndKind.Conflict when Failure is null => ExitCodes.LockConflict,
        _ => Failure is { } failure ? ExitCodes.For(failure.Code) : ExitCodes.Failed,
    };
}

/// <summary>What a verb spends on its operation before it leaves it to the queue.</summary>
/// <param name="Attempts">Tries in all; every failed one counts, a connection that was not made too.</param>
/// <param name="Deadline">The longest it takes; null for transfers, whose own stall limits end them.</param>
/// <param name="Doing">What failing is called, for example <c>acquire lock</c>: "Failed to acquire lock: …".</param>
internal sealed record ForegroundBudget(int Attempts, TimeSpan? Deadline, string Doing)
{
    /// <summary>As long as the sources' table gives an acquire.</summary>
    private static readonly TimeSpan _acquireWithin = TimeSpan.FromSeconds(30);

    /// <summary>The same for giving it back, renewing it and breaking it.</summary>
    private static readonly TimeSpan _releaseWithin = TimeSpan.FromSeconds(20);

    public static ForegroundBudget Acquire(Configuration configuration) => Lock(configuration, _acquireWithin, "acquire lock");

    public static ForegroundBudget Release(Configuration configuration) => Lock(configuration, _releaseWithin, "release lock");

    public static ForegroundBudget Renew(Configuration configuration) => Lock(configuration, _releaseWithin, "renew lock");

    public static ForegroundBudget Break(Configuration configuration) => Lock(configuration, _releaseWithin, "break lock");

    public static ForegroundBudget Push(Configuration configuration) => Transfer(configuration, "push");

    public static ForegroundBudget Pull(Configuration configuration) => Transfer(configuration, "pull");

    public static ForegroundBudget Comments(Configuration configuration) => new(
        Tries(configuration, ConfigurationKeys.NetworkTransferMaxRetries), configuration.Duration(ConfigurationKeys.NetworkOperationDeadline), "sync comments");

    private static ForegroundBudget Lock(Configuration configuration, TimeSpan within, string doing)
    {
        var most = configuration.Duration(ConfigurationKeys.NetworkOperationDeadline);
        return new ForegroundBudget(Tries(configuration, ConfigurationKeys.NetworkMaxRetries), most < within ? most : within, doing);
    }

    private static ForegroundBudget Transfer(Configuration configuration, string doing) => new(Tries(configuration, ConfigurationKeys.NetworkTransferMaxRetries), null, doing);

    private static int Tries(Configuration configuration, string key) => (int)Math.Min(configuration.Count(key), int.MaxValue);
}
