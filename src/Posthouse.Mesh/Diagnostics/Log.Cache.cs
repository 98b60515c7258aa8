using Microsoft.Extensions.Logging;

namespace Posthouse.Mesh.Diagnostics;

/// <summary>Messages of the places where prices are kept; their ids are 4100 to 4149.</summary>
internal static partial class Log
{
    [LoggerMessage(4100, LogLevel.Warning, "The price tier {Tier} does not answer; it is left alone for {Seconds} s and tried again. Prices are served from memory.")]
    public static partial void TierFails(this ILogger logger, Exception exception, string tier, double seconds);

    [LoggerMessage(4101, LogLevel.Information, "The price tier {Tier} answers again.")]
    public static partial void TierAnswersAgain(this ILogger logger, string tier);

    [LoggerMessage(4102, LogLevel.Error, "The price file {Path} was damaged. It was set aside as {Aside}; prices come back from memory and from peers.")]
    public static partial void PriceFileSetAside(this ILogger logger, string path, string aside);

    [LoggerMessage(4103, LogLevel.Warning, "The price tier {Tier} had lost its prices; it is given {Prices} again.")]
    public static partial void TierRefilled(this ILogger logger, string tier, int prices);

    [LoggerMessage(4104, LogLevel.Warning, "{Prices} prices could not be written to the price tier {Tier} before the end.")]
    public static partial void PricesNotWritten(this ILogger logger, int prices, string tier);

    [LoggerMessage(4105, LogLevel.Warning, "What the node remembers of providers and peers could not be written; {Wishes} entries wait.")]
    public static partial void MemoryNotWritten(this ILogger logger, Exception exception, int wishes);

    [LoggerMessage(4106, LogLevel.Information, "What the node remembers of providers and peers is written again: {Wishes} entries.")]
    public static partial void MemoryWritten(this ILogger logger, int wishes);
}
