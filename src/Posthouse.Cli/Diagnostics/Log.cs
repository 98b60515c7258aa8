using Microsoft.Extensions.Logging;

namespace Posthouse.Cli.Diagnostics;

/// <summary>Every message of this package; its ids are 6000 to 6999 and are never used again for another meaning.</summary>
internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Debug, "{Verb} has begun, with {Runtime} in {Folder}.")]
    public static partial void VerbBegun(this ILogger logger, string verb, string runtime, string folder);

    [LoggerMessage(6001, LogLevel.Information, "{Verb} ended with exit code {Code} after {Milliseconds} ms.")]
    public static partial void VerbEnded(this ILogger logger, string verb, int code, double milliseconds);

    [LoggerMessage(6002, LogLevel.Debug, "{Verb} failed with {Code}.")]
    public static partial void VerbFailed(this ILogger logger, Exception exception, string verb, string code);

    [LoggerMessage(6003, LogLevel.Debug, "{Key} is set by {Source}.")]
    public static partial void Configured(this ILogger logger, string key, string source);

    [LoggerMessage(6004, LogLevel.Debug, "The store is {Path}; its file {Exists}.")]
    public static partial void StoreChosen(this ILogger logger, string path, string exists);

    [LoggerMessage(6005, LogLevel.Warning, "{Database} does not answer yet, and is waited for up to {Seconds} s more: {Reason}")]
    public static partial void DatabaseAwaited(this ILogger logger, string database, string reason, double seconds);

    [LoggerMessage(6010, LogLevel.Trace, "{Method} {Address} is sent, {Bytes} bytes.")]
    public static partial void ExchangeBegun(this ILogger logger, string method, string address, int bytes);

    [LoggerMessage(6011, LogLevel.Debug, "{Method} {Address} was answered {Status}, {Bytes} bytes, in {Milliseconds} ms.")]
    public static partial void ExchangeAnswered(this ILogger logger, string method, string address, int status, int bytes, double milliseconds);

    [LoggerMessage(6012, LogLevel.Debug, "{Method} {Address} was not answered.")]
    public static partial void ExchangeFailed(this ILogger logger, Exception exception, string method, string address);
}
