using System.Diagnostics;
using System.Globalization;
using Posthouse.Benchmarks.Queue;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Benchmarks.Postgres;

/// <summary>The queue on PostgreSQL: enqueue, process with one, two and four processes, pickup; beside two queues of Node on the same server in the same run.</summary>
public static class PostgresBenchmark
{
    private const int Jobs = 100_000;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);
    private static int s_schemas;

    public static async Task RunAsync(Report report)
    {
        using var server = PostgresProcess.TryStart();
        if (server is null)
        {
            Console.Error.WriteLine("  PostgreSQL is not installed: there is nothing to measure.");
            return;
        }

        foreach (var callers in (int[])[1, 16, 256])
        {
            await EnqueueAsync(report, server, callers);
        }

        await BulkAsync(report, server);
        foreach (var processes in (int[])[1, 2, 4])
        {
            await ProcessAsync(report, server, processes);
        }

        await using (var subject = await StartAsync(server, NewSchema(), dispatches: true))
        {
            await QueueBenchmark.PickupAsync(report, subject, "pickup");
        }

        await PeerAsync(report, server, "graphile.mjs");
        await PeerAsync(report, server, "pgboss.mjs");
    }

    private static async Task EnqueueAsync(Report report, PostgresProcess server, int callers)
    {
        await using var subject = await StartAsync(server, NewSchema(), dispatches: false);
        await QueueBenchmark.ForAsync(subject.Queue, callers, TimeSpan.FromSeconds(1));
        var (rate, latencies) = await QueueBenchmark.ForAsync(subject.Queue, callers, Round);
        var what = $"enqueue, {callers} caller{(callers == 1 ? "" : "s")}";
        report.Add(what, rate, "/s");
        report.Add($"{what}, p99", latencies.P(99), "ms");
    }

    private static async Task BulkAsync(Report report, PostgresProcess server)
    {
        await using var subject = await StartAsync(server, NewSchema(), dispatches: false);
        var started = Stopwatch.GetTimestamp();
        await FillAsync(subject);
        report.Add("bulk enqueue, 1,000 a call", Jobs / Stopwatch.GetElapsedTime(started).TotalSeconds, "/s");
    }

    private static async Task FillAsync(Subject subject)
    {
        IJob<Nothing>[] batch = [.. Enumerable.Repeat<IJob<Nothing>>(Noop.Usual, 1_000)];
        for (var i = 0; i < Jobs; i += batch.Length)
        {
            await subject.Queue.EnqueueAllAsync(batch);
        }
    }

    private static async Task ProcessAsync(Report report, PostgresProcess server, int processes)
    {
        var schema = NewSchema();
        await using var filler = await StartAsync(server, schema, dispatches: false);
        await FillAsync(filler);
        // The peers' processes run already when their clock starts, and so do these.
        await filler.Queue.PauseAsync();
        Process[] workers = [.. Enumerable.Range(0, processes).Select(_ => Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, [PostgresWorker.Role, server.ConnectionString, schema]) { RedirectStandardInput = true, RedirectStandardOutput = true })!)];
        await Task.WhenAll(workers.Select(worker => worker.StandardOutput.ReadLineAsync()));
        var started = Stopwatch.GetTimestamp();
        await filler.Queue.ResumeAsync();
        while (await OpenAsync(filler) > 0)
        {
            await Task.Delay(20);
        }

        report.Add($"process, 10 at a time x {processes}", Jobs / Stopwatch.GetElapsedTime(started).TotalSeconds, "/s");
        var calls = 0;
        foreach (var worker in workers)
        {
            worker.StandardInput.Close();
            calls += int.Parse((await worker.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            await worker.WaitForExitAsync();
            worker.Dispose();
        }

        report.Add($"process, 10 at a time x {processes}, calls of handlers", calls, "");
    }

    /// <summary>Open jobs by the total that limits are checked against: counting rows would be measured, too.</summary>
    private static Task<long> OpenAsync(Subject subject) => subject.Get<IStore>().ReadAsync(read => read.Scalar("SELECT open FROM job_total"));

    private static async Task PeerAsync(Report report, PostgresProcess server, string script)
    {
        var folder = Path.Combine(Peer.Folder, "postgres");
        if (!await Peer.IsInstalledAsync(folder))
        {
            Console.Error.WriteLine($"  {script} is left out: npm is not here or its packages do not install.");
            return;
        }

        await Peer.ReportAsync(report, "", "node", Path.Combine(folder, script), server.Address);
    }

    private static Task<Subject> StartAsync(PostgresProcess server, string schema, bool dispatches) =>
        Subject.StartAsync(builder => builder.UsePostgres(server.ConnectionString, schema), dispatches);

    private static string NewSchema() => $"bench{s_schemas++}";
}
