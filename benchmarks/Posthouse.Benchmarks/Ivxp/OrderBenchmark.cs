using System.Diagnostics;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;

namespace Posthouse.Benchmarks.Ivxp;

/// <summary>
/// Whole orders over real HTTP, buyers and provider on one machine: request, payment on the development chain, signed proof, work, stored,
/// downloaded and checked. Beside it what one exchange over the same server costs, and pushes.
/// </summary>
public static class OrderBenchmark
{
    private const int Buyers = 64;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(8);

    public static async Task RunAsync(Report report)
    {
        await using (var station = await Station.StartAsync(workers: 32))
        {
            await BuyAsync(station, TimeSpan.FromSeconds(2));
            var exchanges = await CatalogAsync(station);
            var (rate, times) = await BuyAsync(station, Round);
            report.Add("catalog requests over the same server", exchanges, "/s");
            report.Add("whole orders", rate, "/s", "the catalog's rate", rate / exchanges);
            report.Add("whole orders, p50", times.P(50), "ms");
            report.Add("whole orders, p99", times.P(99), "ms");
        }

        await PushBenchmark.RunAsync(report);
    }

    private static Task<(double Rate, Latencies Times)> BuyAsync(Station station, TimeSpan length) => ManyAsync(length, async client =>
    {
        var wallet = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
        var quote = await client.QuoteAsync(new ClientAgent("bench", wallet.Address.ToString()), new RequestedWork("text_echo", "hello", UsdcAmount.FromUnits(5_000_000)));
        var to = EthereumAddress.Parse(quote.Quote.PaymentAddress);
        var paid = await client.PayOnDevChainAsync(wallet.Address, to, quote.Quote.PriceUsdc);
        await client.ProveAsync(wallet, quote.OrderId, quote.Quote.Network, paid, null);
        await station.StoredAsync(quote.OrderId);
        await client.DownloadAsync(quote.OrderId, EthereumAddress.Parse(quote.ProviderAgent.WalletAddress));
    }, station);

    private static async Task<double> CatalogAsync(Station station) =>
        (await ManyAsync(TimeSpan.FromSeconds(2), client => client.CatalogAsync(), station)).Rate;

    private static async Task<(double Rate, Latencies Times)> ManyAsync(TimeSpan length, Func<ProviderClient, Task> act, Station station)
    {
        using var invoker = new HttpMessageInvoker(GuardedHandlers.Create());
        var exchange = new HttpExchange(invoker, TimeProvider.System);
        var started = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, Buyers).Select(_ => Task.Run(async () =>
        {
            var client = new ProviderClient(exchange, station.Address!, TimeProvider.System, Secp256k1.Best);
            var (count, times) = (0, new Latencies());
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                var at = Stopwatch.GetTimestamp();
                await act(client);
                times.Add(at);
                count++;
            }

            return (count, times);
        })));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var merged = new Latencies();
        Array.ForEach(all, one => merged.Merge(one.times));
        return (all.Sum(one => one.count) / seconds, merged);
    }
}
