using System.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Benchmarks.Queue;

/// <summary>
/// What a claim costs when much waits, in five shapes: CPU for each claimed and settled job, and the p99 of a lone enqueue
/// beside it. In memory-backed storage, so that the disk's moods do not hide the shape.
/// </summary>
public static class DepthBenchmark
{
    private const int Claimed = 20_000;

    private static readonly (string Name, Func<int, Noop> Job, TimeSpan Later)[] Shapes =
    [
        ("all ready", _ => Noop.Usual, TimeSpan.Zero),
        ("all waiting for their time", _ => Noop.Usual, TimeSpan.FromDays(1)),
        ("all for one offline destination", _ => Noop.Usual with { To = "offline.example" }, TimeSpan.Zero),
        ("behind heads of 10,000 lanes", i => Noop.Usual with { Lane = $"lane-{i % 10_000}" }, TimeSpan.Zero),
        ("10,000 destinations", i => Noop.Usual with { To = $"host-{i % 10_000}.example" }, TimeSpan.Zero),
    ];

    public static async Task RunAsync(Report report)
    {
        foreach (var shape in Shapes)
        {
            double? shallow = null;
            foreach (var depth in (int[])[1_000, 100_000, 1_000_000])
            {
                var (cpu, p99) = await MeasureAsync(shape.Job, shape.Later, depth);
                shallow ??= cpu;
                report.Add($"{shape.Name}, {depth:N0}: CPU a job", cpu, "us", "1,000", cpu / shallow);
                report.Add($"{shape.Name}, {depth:N0}: enqueue p99", p99, "ms");
            }
        }
    }

    private static async Task<(double Cpu, double P99)> MeasureAsync(Func<int, Noop> job, TimeSpan later, int depth)
    {
        using var folder = Scratch.InMemory();
        await using var subject = await Subject.StartAsync(folder.File("q.db"), dispatches: false);
        var options = later > TimeSpan.Zero ? new EnqueueOptions { NotBefore = DateTimeOffset.UtcNow + later } : null;
        for (var i = 0; i < depth; i += 1_000)
        {
            await subject.Queue.EnqueueAllAsync([.. Enumerable.Range(i, 1_000).Select(n => (IJob<Nothing>)job(n))], options);
        }

        // Once through before the clock runs: every statement prepared, every method compiled.
        var store = subject.Get<IJobStore>();
        var instance = await store.JoinAsync(() => { });
        await DrainAsync(subject, store, instance, 2_000);
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        await DrainAsync(subject, store, instance, Claimed);
        process.Refresh();
        var cpu = (process.TotalProcessorTime - before).TotalMicroseconds / Claimed;
        return (cpu, await BesideAsync(subject, store, instance));
    }

    /// <summary>Adds as many ready jobs as it claims and settles, a hundred at a time: the depth stays what it is.</summary>
    private static async Task DrainAsync(Subject subject, IJobStore store, InstanceId instance, int count)
    {
        IJob<Nothing>[] fresh = [.. Enumerable.Repeat(Noop.Usual, 100)];
        for (var done = 0; done < count;)
        {
            await subject.Queue.EnqueueAllAsync(fresh);
            var jobs = await store.ClaimAsync(new ClaimRequest(instance, 100, TimeSpan.FromMinutes(1))
            {
                Room = destination => destination == "offline.example" ? 0 : int.MaxValue,
            });
            await Task.WhenAll(jobs.Select(job => store.SettleAsync(job.Lease, new Settlement(SettlementKind.Done) { Result = "{}"u8.ToArray() })));
            done += jobs.Count;
        }
    }

    private static async Task<double> BesideAsync(Subject subject, IJobStore store, InstanceId instance)
    {
        var latencies = new Latencies();
        var drain = Task.Run(() => DrainAsync(subject, store, instance, Claimed));
        while (!drain.IsCompleted)
        {
            var at = Stopwatch.GetTimestamp();
            await subject.Queue.EnqueueAsync(Noop.Usual with { To = "beside.example" });
            latencies.Add(at);
            await Task.Delay(1);
        }

        await drain;
        return latencies.P(99);
    }
}
