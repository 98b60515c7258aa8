using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Dashboard;
using Posthouse.Benchmarks.Queue;
using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Benchmarks.Dashboard;

/// <summary>What the dashboard's pages take, and what an open one costs the queue, in turns with a closed one of the same run.</summary>
public static class DashboardBenchmark
{
    /// <summary>Turns of each kind: one that meets a neighbour of the machine decides nothing.</summary>
    private const int Rounds = 7;

    private const int Callers = 64;
    private const int Jobs = 10_000;
    private const int Looks = 200;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(Report report)
    {
        await PagesAsync(report);
        await CostAsync(report);
    }

    private static async Task PagesAsync(Report report)
    {
        using var folder = Scratch.OnDisk();
        await using var app = await ServeAsync(folder.File("q.db"), dispatches: false);
        var queue = app.Services.GetRequiredService<JobQueue>();
        for (var i = 0; i < Jobs; i += 1_000) { await queue.EnqueueAllAsync([.. Enumerable.Repeat<IJob<Nothing>>(Noop.Usual, 1_000)]); }

        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        foreach (var (name, path) in new[] { ("overview", "/"), ("its moving part", "/?part=now"), ("queue", "/queue") })
        {
            var took = new Latencies();
            for (var look = -Looks / 4; look < Looks; look++)
            {
                var at = Stopwatch.GetTimestamp();
                await client.GetStringAsync(path);
                if (look >= 0) { took.Add(at); }
            }

            report.Add($"{name}, p50", took.P(50), "ms");
            report.Add($"{name}, p99", took.P(99), "ms");
        }

        var pages = new Latencies();
        for (long after = 0; after < Jobs; after += 50)
        {
            var at = Stopwatch.GetTimestamp();
            await client.GetStringAsync(string.Create(CultureInfo.InvariantCulture, $"/queue?after={after}"));
            pages.Add(at);
        }

        report.Add("10,000 jobs page by page, a page's p50", pages.P(50), "ms");
        report.Add("10,000 jobs page by page, a page's p99", pages.P(99), "ms");
    }

    private static async Task CostAsync(Report report)
    {
        using var folder = Scratch.OnDisk();
        await using var app = await ServeAsync(folder.File("q.db"), dispatches: true);
        await RateAsync(app);
        var (closed, open) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            // Each kind goes first every second time: the store grows meanwhile.
            foreach (var isOpen in round % 2 == 0 ? new[] { false, true } : [true, false])
            {
                await using var windows = isOpen ? new Windows(app.Urls.First()) : null;
                (isOpen ? open : closed).Add(await RateAsync(app));
            }
        }

        report.AddMedian("jobs stored and done, no page open", closed, "/s");
        report.AddMedian("jobs stored and done, overview and queue open", open, "/s", "no page open", closed.Order().ElementAt(Rounds / 2));
    }

    /// <summary>Jobs that went from the call to the end of their handler, in a second.</summary>
    private static async Task<double> RateAsync(WebApplication app)
    {
        var (queue, calls) = (app.Services.GetRequiredService<JobQueue>(), app.Services.GetRequiredService<Calls>());
        var (started, before) = (Stopwatch.GetTimestamp(), calls.Count);
        await QueueBenchmark.ForAsync(queue, Callers, Round);
        while ((await queue.CountAsync()).Open > 0) { await Task.Delay(10); }
        return (calls.Count - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<WebApplication> ServeAsync(string database, bool dispatches)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Subject.Add(builder.Services, posthouse => posthouse.UseSqlite(database), dispatches);
        builder.Services.AddPosthouseDashboard();
        var app = builder.Build();
        app.MapPosthouseDashboard();
        await app.StartAsync();
        return app;
    }

    /// <summary>Two windows as browsers keep them: each follows the stream, and asks for its part when it hears that jobs changed.</summary>
    private sealed class Windows : IAsyncDisposable
    {
        private readonly CancellationTokenSource _closing = new();
        private readonly HttpClient _client;
        private readonly Task _both;

        public Windows(string url)
        {
            _client = new HttpClient { BaseAddress = new Uri(url) };
            _both = Task.WhenAll(WatchAsync("/", "now"), WatchAsync("/queue", "list"));
        }

        public async ValueTask DisposeAsync()
        {
            await _closing.CancelAsync();
            await Task.WhenAny(_both);
            _client.Dispose();
            _closing.Dispose();
        }

        private async Task WatchAsync(string path, string part)
        {
            await _client.GetStringAsync(path, _closing.Token);
            using var lines = new StreamReader(await _client.GetStreamAsync("/live", _closing.Token));
            while (await lines.ReadLineAsync(_closing.Token) is { } line)
            {
                if (line == "event: jobs") { await _client.GetStringAsync($"{path}?part={part}", _closing.Token); }
            }
        }
    }
}
