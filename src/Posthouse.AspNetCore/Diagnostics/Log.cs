using System.Net;
using Microsoft.Extensions.Logging;

namespace Posthouse.AspNetCore.Diagnostics;

/// <summary>Every message of this package; its ids are 5000 to 5999 and are never used again for another meaning.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Error, "An exchange on {Path} failed.")]
    public static partial void ExchangeFailed(this ILogger logger, Exception exception, string path);

    [LoggerMessage(5100, LogLevel.Information, "The mesh's provider mode was {Switched} from {Address} with the operator's token.")]
    public static partial void ProviderSwitched(this ILogger logger, string switched, IPAddress? address);
}
