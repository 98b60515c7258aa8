using System.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Benchmarks.Queue;

/// <summary>Durable enqueue, bulk enqueue, processing and pickup, each beside its physical limit and a peer of the same minute.</summary>
public static class QueueBenchmark
{
    private const int Rounds = 3;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(Report report)
    {
        report.Add("fdatasync append, 4 KiB", Limits.FdatasyncRate(Round), "/s");
        report.Add("bare group-commit loop, 256 callers", await Limits.BareLoopAsync(Scratch.OnDisk(), 256, Round), "/s");
        report.Add("bare group-commit loop, no disk", await Limits.BareLoopAsync(Scratch.InMemory(), 256, Round), "/s");
        var (sync, ceiling) = (report.Value("fdatasync append, 4 KiB"), report.Value("bare group-commit loop, no disk"));
        await EnqueueAsync(report, 1, sync, "fdatasync");
        await EnqueueAsync(report, 16, null, null);
        await EnqueueAsync(report, 256, ceiling, "no-disk ceiling");
        await BulkAsync(report);
        await ProcessAsync(report);
        await PickupAsync(report);
        await PickupElsewhere.RunAsync(report);
        await Peer.RunAsync(report);
    }

    private static async Task EnqueueAsync(Report report, int callers, double? limit, string? name)
    {
        var (rates, latencies) = (new List<double>(), new Latencies());
        for (var round = 0; round < Rounds; round++)
        {
            using var folder = Scratch.OnDisk();
            await using var subject = await Subject.StartAsync(folder.File("q.db"), dispatches: false);
            await ForAsync(subject.Queue, callers, TimeSpan.FromMilliseconds(500));
            var (rate, times) = await ForAsync(subject.Queue, callers, Round);
            rates.Add(rate);
            latencies.Merge(times);
        }

        var what = $"enqueue, {callers} caller{(callers == 1 ? "" : "s")}";
        report.AddMedian(what, rates, "/s", name, limit);
        report.Add($"{what}, p99", latencies.P(99), "ms");
    }

    /// <summary>Callers that wait for each answer, for some time.</summary>
    public static async Task<(double Rate, Latencies Latencies)> ForAsync(JobQueue queue, int callers, TimeSpan length)
    {
        var started = Stopwatch.GetTimestamp();
        var parts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var (count, latencies) = (0, new Latencies());
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                var at = Stopwatch.GetTimestamp();
                await queue.EnqueueAsync(Noop.Usual);
                latencies.Add(at);
                count++;
            }

            return (count, latencies);
        })));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var all = new Latencies();
        Array.ForEach(parts, part => all.Merge(part.latencies));
        return (parts.Sum(part => part.count) / seconds, all);
    }

    private static async Task BulkAsync(Report report)
    {
        using var folder = Scratch.OnDisk();
        await using var subject = await Subject.StartAsync(folder.File("q.db"), dispatches: false);
        IJob<Nothing>[] batch = [.. Enumerable.Repeat(Noop.Usual, 1_000)];
        await subject.Queue.EnqueueAllAsync(batch);
        var (started, count) = (Stopwatch.GetTimestamp(), 0);
        while (Stopwatch.GetElapsedTime(started) < Round)
        {
            await subject.Queue.EnqueueAllAsync(batch);
            count += batch.Length;
        }

        report.Add("bulk enqueue, 1,000 a call", count / Stopwatch.GetElapsedTime(started).TotalSeconds, "/s");
    }

    private static async Task ProcessAsync(Report report)
    {
        var rates = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            rates.Add(await ProcessOnceAsync());
        }

        report.AddMedian("process, no-op handler, 10 at a time", rates, "/s");
    }

    private static async Task<double> ProcessOnceAsync()
    {
        const int Jobs = 200_000;
        using var folder = Scratch.OnDisk();
        await using (var filler = await Subject.StartAsync(folder.File("q.db"), dispatches: false))
        {
            for (var i = 0; i < Jobs; i += 1_000)
            {
                await filler.Queue.EnqueueAllAsync([.. Enumerable.Repeat<IJob<Nothing>>(Noop.Usual, 1_000)]);
            }
        }

        var started = Stopwatch.GetTimestamp();
        await using var subject = await Subject.StartAsync(folder.File("q.db"), dispatches: true);
        while (subject.Calls.Count < Jobs || (await subject.Queue.CountAsync()).Open > 0)
        {
            await Task.Delay(20);
        }

        return Jobs / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task PickupAsync(Report report)
    {
        using var folder = Scratch.OnDisk();
        await using var subject = await Subject.StartAsync(folder.File("q.db"), dispatches: true);
        await PickupAsync(report, subject, "pickup, same process");
    }

    /// <summary>From an enqueue to its handler, one at a time on an idle queue.</summary>
    public static async Task PickupAsync(Report report, Subject subject, string what)
    {
        var latencies = new Latencies();
        var called = new SemaphoreSlim(0);
        long at = 0;
        subject.Calls.OnCall = () =>
        {
            latencies.Add(at);
            called.Release();
        };
        for (var i = 0; i < 1_000; i++)
        {
            await Task.Delay(2);
            at = Stopwatch.GetTimestamp();
            await subject.Queue.EnqueueAsync(Noop.Usual);
            await called.WaitAsync();
        }

        report.Add($"{what}, p50", latencies.P(50), "ms");
        report.Add($"{what}, p99", latencies.P(99), "ms");
    }
}
