using System.Diagnostics;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>
/// Reads of one price over HTTP while the Redis server that the node shares hangs (SIGSTOP) and prices still come, beside the same reads
/// while Redis answers.
/// </summary>
internal static class FrozenRows
{
    private const string Usual = "read a price, Redis answers, p99";
    private const int Readers = 4;
    private const int Reads = 1_500;

    /// <summary>Changes a second, and how many: as long as one round of reads lasts, and on.</summary>
    private const string Changes = "publish 5 30";

    public static async Task RunAsync(Report report)
    {
        await using var redis = await RedisProcess.StartAsync();
        if (redis is null)
        {
            Console.Error.WriteLine("  reads with Redis frozen are left out: redis-server is not installed.");
            return;
        }

        await using var node = await NodeProcess.StartAsync(redis.Endpoint);
        using var client = new HttpClient { BaseAddress = node.Url };
        await node.DoAsync("publish 5 5");
        await ReadAllAsync(client);
        var usual = await RoundAsync(node, client);
        redis.Freeze();
        var frozen = await RoundAsync(node, client);
        report.Add("read a price, Redis answers, p50", usual.Latencies.P(50), "ms");
        report.Add(Usual, usual.Latencies.P(99), "ms");
        report.Add("read a price, Redis frozen, p50", frozen.Latencies.P(50), "ms");
        report.Add("read a price, Redis frozen, p99", frozen.Latencies.P(99), "ms", Usual, frozen.Latencies.P(99) / usual.Latencies.P(99));
        report.Add($"reads that failed of {Readers * Reads:N0}, Redis frozen", frozen.Failures, "");
    }

    private static async Task<(Latencies Latencies, int Failures)> RoundAsync(NodeProcess node, HttpClient client)
    {
        var changes = node.DoAsync(Changes);
        var read = await ReadAllAsync(client);
        await changes;
        return read;
    }

    private static async Task<(Latencies Latencies, int Failures)> ReadAllAsync(HttpClient client)
    {
        var (all, failures) = (new Latencies(), 0);
        foreach (var (latencies, failed) in await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => ReadAsync(client))))
        {
            all.Merge(latencies);
            failures += failed;
        }

        return (all, failures);
    }

    private static async Task<(Latencies Latencies, int Failures)> ReadAsync(HttpClient client)
    {
        var (latencies, failures) = (new Latencies(Reads), 0);
        var path = new Uri($"/api/mesh/prices/{SamplePrices.Key(0).Asset}", UriKind.Relative);
        for (var i = 0; i < Reads; i++)
        {
            await Task.Delay(2);
            var began = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(path);
            var body = await answer.Content.ReadAsByteArrayAsync();
            latencies.Add(began);
            failures += answer.IsSuccessStatusCode && body.AsSpan().IndexOf("\"price\":\""u8) >= 0 ? 0 : 1;
        }

        return (latencies, failures);
    }
}
