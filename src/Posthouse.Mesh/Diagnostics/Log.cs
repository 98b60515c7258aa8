using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Diagnostics;

/// <summary>Every message of this package; its ids are 4000 to 4999 and are never used again for another meaning.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Warning, "All providers are offline since {Since:u}; cached prices are served.")]
    public static partial void AllProvidersOffline(this ILogger logger, DateTimeOffset since);

    [LoggerMessage(4001, LogLevel.Warning, "No provider has been online for {Minutes} minutes.")]
    public static partial void ExtendedOffline(this ILogger logger, long minutes);

    [LoggerMessage(4002, LogLevel.Warning, "Provider {Provider} is offline: {Reason}.")]
    public static partial void ProviderDisconnected(this ILogger logger, NodeId provider, DisconnectReason reason);

    [LoggerMessage(4003, LogLevel.Information, "Provider {Provider} is back after {Seconds:0.#} s.")]
    public static partial void ProviderReconnected(this ILogger logger, NodeId provider, double seconds);

    [LoggerMessage(4004, LogLevel.Information, "The network has recovered: no provider was online for {Seconds:0.#} s; {Assets} prices came with the first sign of life.")]
    public static partial void NetworkRecovered(this ILogger logger, double seconds, int assets);

    [LoggerMessage(4005, LogLevel.Information, "A new provider was discovered: {Provider}, at a distance of {Hops}.")]
    public static partial void ProviderDiscovered(this ILogger logger, NodeId provider, int? hops);

    [LoggerMessage(4006, LogLevel.Debug, "Cached prices are being served, for no provider is online.")]
    public static partial void ServingCachedData(this ILogger logger);

    [LoggerMessage(4007, LogLevel.Debug, "The network is {State}: {Providers} providers, {Peers} peers, about {Size} nodes.")]
    public static partial void NetworkStatusChanged(this ILogger logger, NetworkState state, int providers, int peers, int size);

    [LoggerMessage(4008, LogLevel.Warning, "No provider has been online since {Since:u}, and no prices are known here.")]
    public static partial void NoPricesYet(this ILogger logger, DateTimeOffset since);

    [LoggerMessage(4010, LogLevel.Warning, "There is still no provider online, for {Minutes} minutes now.")]
    public static partial void StillOffline(this ILogger logger, long minutes);

    [LoggerMessage(4011, LogLevel.Warning, "Provider {Provider} is alive but delivers no prices (said by itself: {BySelf}); others take its slots.")]
    public static partial void ProviderDegraded(this ILogger logger, NodeId provider, bool bySelf);

    [LoggerMessage(4012, LogLevel.Information, "Provider {Provider} delivers prices again.")]
    public static partial void ProviderHealed(this ILogger logger, NodeId provider);

    [LoggerMessage(4013, LogLevel.Warning, "Provider {Provider} comes and goes; it is watched in silence until it is steady.")]
    public static partial void ProviderFlapping(this ILogger logger, NodeId provider);

    [LoggerMessage(4014, LogLevel.Warning, "Prices of provider {Provider} do not count for {Seconds:0} s: they contradicted all others.")]
    public static partial void ProviderEjected(this ILogger logger, NodeId provider, double seconds);

    [LoggerMessage(4015, LogLevel.Information, "Prices of provider {Provider} count again.")]
    public static partial void ProviderReadmitted(this ILogger logger, NodeId provider);

    [LoggerMessage(4020, LogLevel.Warning, "The clock was set, or the machine slept: {Seconds:0.#} s beyond the time that passed.")]
    public static partial void ClockJumped(this ILogger logger, double seconds);

    [LoggerMessage(4021, LogLevel.Warning, "This node's own timers came {Seconds:0.0} s late; nobody is held for dead because of it.")]
    public static partial void OwnTimersLate(this ILogger logger, double seconds);

    [LoggerMessage(4022, LogLevel.Error, "A second process has the key of {Node} and says that it listens at '{Address}'. Give each node a key of its own.")]
    public static partial void DuplicateIdentity(this ILogger logger, NodeId node, string address);

    [LoggerMessage(4023, LogLevel.Warning, "Peer {Peer} is banned for {Minutes:0.#} minutes: it kept sending what no honest node sends.")]
    public static partial void PeerBanned(this ILogger logger, NodeId peer, double minutes);

    [LoggerMessage(4024, LogLevel.Warning, "This machine's clock is {Seconds:0.0} s {Side} its peers': set it, for instance by NTP. What this node says may be refused until then.")]
    public static partial void OwnClockDiffers(this ILogger logger, double seconds, string side);

    [LoggerMessage(4025, LogLevel.Information, "This machine's clock agrees with its peers' again.")]
    public static partial void OwnClockAgrees(this ILogger logger);

    [LoggerMessage(4026, LogLevel.Warning, "Provider {Provider} is not believed here: {Why}.")]
    public static partial void ProviderRefused(this ILogger logger, NodeId provider, string why);

    [LoggerMessage(4027, LogLevel.Warning, "The seed {Address} cannot be reached: {Cause}. It is tried on.")]
    public static partial void SeedUnreachable(this ILogger logger, string address, string cause);

    [LoggerMessage(4028, LogLevel.Information, "The seed {Address} is reached now.")]
    public static partial void SeedReached(this ILogger logger, string address);

    [LoggerMessage(4030, LogLevel.Warning, "Prices of {Asset} differ by {Percent} %: {LowPrice} by {LowProvider}, {HighPrice} by {HighProvider}.")]
    public static partial void PriceDiscrepancy(
        this ILogger logger, AssetKey asset, double percent, decimal lowPrice, NodeId lowProvider, decimal highPrice, NodeId highProvider);

    [LoggerMessage(4031, LogLevel.Information, "The sources of {Asset} agree again.")]
    public static partial void DiscrepancyEnded(this ILogger logger, AssetKey asset);

    [LoggerMessage(4032, LogLevel.Warning, "The only source of {Asset} jumped from {From} to {To}; {From} is served until that is confirmed.")]
    public static partial void PriceQuarantined(this ILogger logger, AssetKey asset, decimal from, decimal to);

    [LoggerMessage(4033, LogLevel.Debug, "One source of {Asset} is ahead of all others; more are asked.")]
    public static partial void CrossCheckWanted(this ILogger logger, AssetKey asset);

    [LoggerMessage(4034, LogLevel.Warning, "{Assets} prices are stale, the oldest is {Minutes} minutes old.")]
    public static partial void DataWentStale(this ILogger logger, int assets, long minutes);

    [LoggerMessage(4035, LogLevel.Information, "Prices of {Asset} from before {Before:u} were dropped, as its rule of expiry wants.")]
    public static partial void PricesExpired(this ILogger logger, AssetKey asset, DateTimeOffset before);

    [LoggerMessage(4040, LogLevel.Information, "No provider is online; this node provides prices until one is back.")]
    public static partial void PromotedSelf(this ILogger logger);

    [LoggerMessage(4041, LogLevel.Information, "A provider is back; this node provides prices no more.")]
    public static partial void SteppedDown(this ILogger logger);

    [LoggerMessage(4042, LogLevel.Warning, "The source may not be asked: {Reason}. It may again at {Until:u}.")]
    public static partial void BudgetSpent(this ILogger logger, string reason, DateTimeOffset? until);
}
