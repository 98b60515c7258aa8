using Microsoft.Extensions.Logging;
using Posthouse.Jobs;

namespace Posthouse.Diagnostics;

/// <summary>Every message of this package; its ids are 1000 to 1999 and are never used again for another meaning.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "The store {Path} is open, with SQLite {Version} from {Source}.")]
    public static partial void StoreOpened(this ILogger logger, string path, string version, string source);

    [LoggerMessage(1001, LogLevel.Critical, "The database {Path} is damaged ({Reason}). It was set aside as {Quarantine}; jobs in it wait for a repair by hand.")]
    public static partial void StoreQuarantined(this ILogger logger, string path, string reason, string quarantine);

    [LoggerMessage(1003, LogLevel.Warning, "The functions of a group ran for {Milliseconds} ms while every other writer waited. Keep write functions short and without I/O.")]
    public static partial void WriteSlow(this ILogger logger, double milliseconds);

    [LoggerMessage(1004, LogLevel.Warning, "A commit ended without an answer. After reopening, {Stored} of its {Total} operations were found stored.")]
    public static partial void UnknownCommitResolved(this ILogger logger, int stored, int total);

    [LoggerMessage(1005, LogLevel.Information, "The store {Place} is open, on PostgreSQL {Version}.")]
    public static partial void StoreServerOpened(this ILogger logger, string place, string version);

    [LoggerMessage(1006, LogLevel.Warning, "The PostgreSQL server of {Place} has fsync off: what it acknowledges is lost with the power. Set fsync = on.")]
    public static partial void StoreServerForgets(this ILogger logger, string place);

    [LoggerMessage(1100, LogLevel.Information, "Dispatcher {Instance} has started with room for {Workers} jobs.")]
    public static partial void DispatcherStarted(this ILogger logger, string instance, int workers);

    [LoggerMessage(1101, LogLevel.Information, "Dispatcher {Instance} has stopped; {Returned} leases were given back.")]
    public static partial void DispatcherStopped(this ILogger logger, string instance, int returned);

    [LoggerMessage(1102, LogLevel.Critical, "Dispatcher {Instance} died. Jobs are still accepted, but none run until the process is started again.")]
    public static partial void DispatcherDied(this ILogger logger, Exception exception, string instance);

    [LoggerMessage(1103, LogLevel.Warning, "The lease of job {Id} was lost; what its handler answered does not count, and another worker may be running it.")]
    public static partial void LeaseLost(this ILogger logger, JobId id);

    [LoggerMessage(1104, LogLevel.Warning, "Process {Instance} is gone; {Count} of its leases were taken over.")]
    public static partial void LeasesTakenOver(this ILogger logger, string instance, int count);

    [LoggerMessage(1105, LogLevel.Information, "Attempt {Attempt} of job {Id} ({Name}) failed, {Kind}: {Message}")]
    public static partial void AttemptFailed(this ILogger logger, JobId id, string name, int attempt, FailureKind kind, string message);

    [LoggerMessage(1106, LogLevel.Warning, "Job {Id} ({Name}) is dead, {Reason}: {Message} It is kept until somebody decides: posthouse queue show {Id}")]
    public static partial void JobDead(this ILogger logger, JobId id, string name, DeadReason reason, string? message);

    [LoggerMessage(1108, LogLevel.Warning, "Nothing could be claimed; it is tried again in a second.")]
    public static partial void ClaimFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1109, LogLevel.Warning, "The outcome of job {Id} could not be written; it is kept and written again.")]
    public static partial void SettleFailed(this ILogger logger, Exception exception, JobId id);

    [LoggerMessage(1110, LogLevel.Warning, "Upkeep of the store failed; it is due again soon.")]
    public static partial void UpkeepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1111, LogLevel.Error, "The change of state that the handler of job {Id} answered with failed. Nothing of it was stored; the try counts as failed.")]
    public static partial void HandlersWriteFailed(this ILogger logger, Exception exception, JobId id);

    [LoggerMessage(1112, LogLevel.Error, "The failure classifier failed on {ExceptionType}; the house's own classified it.")]
    public static partial void ClassifierFailed(this ILogger logger, Exception exception, string exceptionType);

    [LoggerMessage(1113, LogLevel.Error, "A callback of the handler of job {Id} failed when the job was told to stop.")]
    public static partial void StopCallbackFailed(this ILogger logger, Exception exception, JobId id);

    [LoggerMessage(1114, LogLevel.Error, "A listener to live events failed; the others were told all the same.")]
    public static partial void ListenerFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1200, LogLevel.Information, "{Count} leftovers of copies that were never finished were removed from the vault {Path}.")]
    public static partial void VaultOrphansRemoved(this ILogger logger, int count, string path);
}
