using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Diagnostics;

/// <summary>Messages of a node's life in a process; their ids are 4150 to 4199.</summary>
internal static partial class Log
{
    [LoggerMessage(4150, LogLevel.Critical, "The node of the price mesh failed and has stopped. Its last prices are still served; restart the process.")]
    public static partial void EngineFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4151, LogLevel.Information, "Node {Node} has joined the price mesh {Network}, with {Prices} prices from before.")]
    public static partial void NodeStarted(this ILogger logger, NodeId node, string network, int prices);

    [LoggerMessage(4152, LogLevel.Information, "Node {Node} has left the price mesh.")]
    public static partial void NodeStopped(this ILogger logger, NodeId node);

    [LoggerMessage(4153, LogLevel.Information, "This node provides prices from {Source}.")]
    public static partial void ProviderEnabled(this ILogger logger, string source);

    [LoggerMessage(4154, LogLevel.Information, "This node provides no prices any more.")]
    public static partial void ProviderDisabled(this ILogger logger);

    [LoggerMessage(4155, LogLevel.Debug, "Asking {Source} for {Assets} prices in slot {Slot}.")]
    public static partial void FetchStarts(this ILogger logger, string source, int assets, ulong slot);

    [LoggerMessage(4156, LogLevel.Debug, "{Source} gave {Prices} of {Assets} prices in slot {Slot}.")]
    public static partial void FetchSucceeded(this ILogger logger, string source, int prices, int assets, ulong slot);

    [LoggerMessage(4157, LogLevel.Warning, "{Source} gave no prices in slot {Slot} ({Kind}): {Detail}")]
    public static partial void FetchFailed(this ILogger logger, string source, ulong slot, SourceFaultKind kind, string detail);

    [LoggerMessage(4158, LogLevel.Warning, "What was known of providers and peers could not be read; the node begins without it.")]
    public static partial void MemoryNotRead(this ILogger logger, Exception exception);

    [LoggerMessage(4159, LogLevel.Warning, "What this node says is passed on {Ttl} times, and needs about {Hops} to reach all of {Nodes} nodes. Raise Mesh:Ttl.")]
    public static partial void TtlTooLow(this ILogger logger, int ttl, int hops, int nodes);

    [LoggerMessage(4160, LogLevel.Warning, "Node {Node} is {Next} from its next start on. It provides no prices until it is restarted.")]
    public static partial void KeyChanged(this ILogger logger, NodeId node, NodeId next);

    [LoggerMessage(4161, LogLevel.Warning, "{Doubt}")]
    public static partial void NobodyBelieves(this ILogger logger, string doubt);
}
