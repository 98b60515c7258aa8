using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Posthouse.Ivxp.Diagnostics;

/// <summary>The room's one logger; silent in a container that has no logging.</summary>
internal sealed class IvxpLog(ILoggerFactory? loggers = null)
{
    public ILogger Logger { get; } = loggers?.CreateLogger("Posthouse.Ivxp") ?? NullLogger.Instance;
}
