using Microsoft.Extensions.Logging;
using Posthouse.Jobs;

namespace Posthouse.Vcs.Diagnostics;

/// <summary>Every message of this package; its ids are 3000 to 3999 and are never used again for another meaning.</summary>
internal static partial class Log
{
    [LoggerMessage(3100, LogLevel.Information, "Operation {Job} ({Operation}) of clone {Clone} arrived.")]
    public static partial void OperationArrived(this ILogger logger, JobId job, string operation, string clone);

    [LoggerMessage(3101, LogLevel.Warning, "Operation {Job} ({Operation}) failed: {Category}: {Message}")]
    public static partial void OperationFailed(this ILogger logger, JobId job, string operation, FailureCategory category, string message);
}
