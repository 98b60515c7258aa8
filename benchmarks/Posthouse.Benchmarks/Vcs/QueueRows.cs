using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Sync;

namespace Posthouse.Benchmarks.Vcs;

/// <summary>The queue of operations as the source measures it: one entry, a hundred loaded, a hundred cleared, and what they take.</summary>
internal static class QueueRows
{
    private const int Entries = 100;
    private const int Rounds = 5;

    public static async Task RunAsync(Report report)
    {
        var (enqueue, load, clear) = (new Latencies(), new Latencies(), new Latencies());
        double bytes = 0;
        for (var round = 0; round < Rounds; round++)
        {
            using var folder = Scratch.OnDisk();
            var services = new ServiceCollection();
            services.AddPosthouse(options => options.Dispatches = false).UseSqlite(folder.File("q.db")).AddJobs(registry => registry.AddPosthouseVcsJobs());
            await using var provider = services.BuildServiceProvider();
            await using var host = await provider.StartPosthouse();
            var before = Size(folder);
            for (var i = 0; i < Entries; i++)
            {
                var at = Stopwatch.GetTimestamp();
                await host.Queue.EnqueueAsync(new AcquireLock("0123456789abcdef", $"takes/take {i}.wav", 14_400, "mixing"));
                enqueue.Add(at);
            }

            bytes = Size(folder) - before;
            var loading = Stopwatch.GetTimestamp();
            var loaded = await host.Queue.ListAsync(new JobQuery { Limit = Entries });
            load.Add(loading);
            var clearing = Stopwatch.GetTimestamp();
            var cleared = await host.Queue.ClearAsync(everything: true);
            clear.Add(clearing);
            if (loaded.Count != Entries || cleared != Entries)
            {
                throw new InvalidOperationException($"{loaded.Count} loaded, {cleared} cleared");
            }
        }

        report.AddAgainst("enqueue, on disk, p50", enqueue.P(50), 5);
        report.AddAgainst("enqueue, on disk, p95", enqueue.P(95), 5);
        report.AddAgainst("load 100 entries, p50", load.P(50), 50);
        report.AddAgainst("clear 100 entries, p50", clear.P(50), 20);
        report.Add("100 entries on disk, log included", bytes / 1024, "KiB", "source (100 KiB)", bytes / 1024 / 100);
    }

    private static double Size(Scratch folder) => new DirectoryInfo(folder.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => (double)file.Length);
}
