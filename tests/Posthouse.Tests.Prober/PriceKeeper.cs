using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Prober;

/// <summary>Keeps numbered prices, one after the other, until it is killed. It says which one it found at its start, and each when it is accepted.</summary>
internal static class PriceKeeper
{
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(20);

    public static async Task RunAsync(string database)
    {
        var (time, network, key) = (TimeProvider.System, NetworkId.Of("test"), new TagKey(1));
        var check = new StoredCheck(network, new TagSignatures(), new ProviderTrust(TrustMode.Open), StoredCheck.OwnStore(CheckRules.Default), time);
        await using var cache = new PriceCache(
            new SqliteTier(new PriceFile(database, time, NullLogger.Instance), check), null, time, NullLogger.Instance);
        var found = await cache.LoadOwnAsync();
        var number = found.Count == 0 ? 0 : found.Max(frame => frame.Update!.Slot);
        Console.WriteLine(number);
        var signatory = new Signatory(key, network, EpochFile.Next(database + ".epoch", time.GetUtcNow()));
        while (true)
        {
            var now = time.GetUtcNow();
            cache.Keep(signatory.Sign(new PriceContent(++number, [new PriceReading(new AssetKey("BTC", AssetKey.AnyChain), number, now)]), now));
            Console.WriteLine(number);
            await Task.Delay(_pace);
        }
    }
}
