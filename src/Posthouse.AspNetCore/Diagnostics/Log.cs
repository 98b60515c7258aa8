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

    [LoggerMessage(5200, LogLevel.Information, "The dashboard did '{Action}' for '{Subject}', asked from {Address}.")]
    public static partial void DashboardActed(this ILogger logger, string action, string subject, IPAddress? address);

    [LoggerMessage(5201, LogLevel.Warning, "A wrong token was given to the dashboard from {Address}.")]
    public static partial void SignInRefused(this ILogger logger, IPAddress? address);

    [LoggerMessage(5202, LogLevel.Warning, "The dashboard cannot see what is new; its open pages say so.")]
    public static partial void DashboardBlind(this ILogger logger, Exception exception);
}
