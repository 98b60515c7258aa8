using System.Reflection;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.AspNetCore.Dashboard;
using Posthouse.AspNetCore.Dashboard.Assets;
using Posthouse.AspNetCore.Dashboard.Live;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Diagnostics;
using Posthouse.Storage;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed class LiveFeedTests
{
    [Fact]
    public async Task A_page_hears_once_a_second_at_most_that_jobs_changed()
    {
        await using var stage = await DashboardStage.StartAsync();
        using var stream = stage.Services.GetRequiredService<DashboardEdge>().Live.Join()!;
        (await NextAsync(stage, stream)).ShouldBe(["beat"]);
        for (var i = 0; i < 20; i++) { await stage.Store.EnqueueAsync([DashboardStage.Draft($"mail-{i}")]); }

        (await UntilAsync(stage, stream, "jobs")).Count(name => name == "jobs").ShouldBe(1);
        // Nothing changes any more, and the page hears that the server is there.
        var quiet = await UntilAsync(stage, stream, "beat");
        quiet.Count(name => name == "jobs").ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task A_pause_which_the_log_does_not_have_is_heard_too()
    {
        await using var stage = await DashboardStage.StartAsync();
        using var stream = stage.Services.GetRequiredService<DashboardEdge>().Live.Join()!;
        await UntilAsync(stage, stream, "beat", 2);
        await stage.Services.GetRequiredService<Posthouse.Queue.JobQueue>().PauseAsync();
        await UntilAsync(stage, stream, "jobs");
    }

    [Fact]
    public async Task Only_so_many_pages_are_followed_and_a_closed_one_makes_room()
    {
        await using var stage = await DashboardStage.StartAsync();
        var live = stage.Services.GetRequiredService<DashboardEdge>().Live;
        var streams = Enumerable.Range(0, LiveFeed.Most).Select(_ => live.Join()!).ToList();
        using (var why = await stage.SendAsync(HttpMethod.Head, "/live")) { ((int)why.StatusCode).ShouldBe(503); }
        using var refused = await stage.SendAsync(HttpMethod.Get, "/live");
        ((int)refused.StatusCode, (await refused.Content.ReadAsStringAsync()).Contains(DashboardErrors.StreamsFull, StringComparison.Ordinal)).ShouldBe((503, true));
        streams[0].Dispose();
        using (var free = await stage.SendAsync(HttpMethod.Head, "/live")) { ((int)free.StatusCode).ShouldBe(200); }
        using var next = live.Join();
        next.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_page_hears_that_the_store_is_away_and_that_it_is_back()
    {
        await using var stage = await DashboardStage.StartAsync();
        var store = DispatchProxy.Create<IJobStore, AwayStore>();
        ((AwayStore)store).Inner = stage.Store;
        using var services = new ServiceCollection().AddSingleton(store).AddSingleton(stage.Services.GetRequiredService<Reading<QueueStanding>>())
            .AddSingleton(stage.Services.GetRequiredService<QueueHistory>()).BuildServiceProvider();
        var live = new LiveFeed(services, stage.Time, NullLogger.Instance);
        using var stream = live.Join()!;
        await UntilAsync(stage, stream, "beat", 2);

        ((AwayStore)store).IsAway = true;
        await UntilAsync(stage, stream, "trouble");
        (await UntilAsync(stage, stream, "beat", 2)).ShouldNotContain("trouble", "it was told");
        using var late = live.Join()!;
        (await NextAsync(stage, late)).ShouldContain("trouble");

        ((AwayStore)store).IsAway = false;
        await UntilAsync(stage, stream, "back");
        (await UntilAsync(stage, stream, "beat", 2)).ShouldNotContain("back");
    }

    [Fact]
    public async Task A_stream_ends_with_the_session_that_opened_it()
    {
        const string Token = "correct horse battery staple";
        await using var stage = await DashboardStage.StartAsync(new DashboardOptions { Token = Token });
        await stage.AnswerAsync("/sign-in", ("token", Token));
        using var answer = await stage.SendAsync(HttpMethod.Get, "/live");
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var bytes = new byte[4096];
        (await stream.ReadAsync(bytes)).ShouldBePositive();

        await stage.AnswerAsync("/sign-out");

        var rest = ReadOnAsync();
        while (!rest.IsCompleted)
        {
            stage.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1);
        }

        await rest;

        async Task ReadOnAsync()
        {
            while (await stream.ReadAsync(bytes) > 0) { }
        }
    }

    [Fact]
    public async Task The_history_is_an_hour_and_no_more()
    {
        await using var stage = await DashboardStage.StartAsync();
        var history = stage.Services.GetRequiredService<QueueHistory>();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1")]);
        while (history.All.Count < QueueHistory.Most || history.All[0].Open == 0)
        {
            stage.Time.Advance(QueueHistory.Every);
            await Task.Yield();
        }

        history.All.Count.ShouldBe(QueueHistory.Most);
        history.Last!.Open.ShouldBe(1);
        LiveFeed.Text(new Sample(DateTimeOffset.FromUnixTimeMilliseconds(1_500), 3, 1, 0.25, 2, 0)).ShouldBe("[1.5,3,1,0.25,2,0]");
    }

    [Fact]
    public async Task Files_are_kept_by_browsers_for_ever_under_the_name_of_what_is_in_them()
    {
        await using var stage = await DashboardStage.StartAsync();
        var path = AssetCatalog.OfAssembly.PathOf("dashboard.css")!;
        using var first = await stage.SendAsync(HttpMethod.Get, path);
        first.Headers.CacheControl!.ToString().ShouldContain("immutable");
        first.Content.Headers.ContentType!.MediaType.ShouldBe("text/css");
        (await first.Content.ReadAsStringAsync()).ShouldContain("prefers-color-scheme: dark");
        using var again = await stage.SendAsync(HttpMethod.Get, path, [("If-None-Match", first.Headers.ETag!.ToString())]);
        ((int)again.StatusCode, (await again.Content.ReadAsByteArrayAsync()).Length).ShouldBe((304, 0));
        using var old = await stage.SendAsync(HttpMethod.Get, path.Replace("/assets/", "/assets/0", StringComparison.Ordinal));
        ((int)old.StatusCode).ShouldBe(404);
    }

    [Fact]
    public void What_pages_load_was_built_in()
    {
        AssetCatalog.OfAssembly.Moves.ShouldBeTrue("npm ci did not run, or did not succeed: see the build's warnings");
        foreach (var name in new[] { "htmx.LICENSE.txt", "uPlot.LICENSE.txt", "uPlot.min.css", "mark.svg" }) { AssetCatalog.OfAssembly.PathOf(name).ShouldNotBeNull(); }
    }

    [Fact]
    public async Task Built_without_npm_a_page_loads_no_script_and_says_that_nothing_moves()
    {
        await using var stage = await DashboardStage.StartAsync();
        var catalog = new AssetCatalog([("dashboard.css", []), ("dashboard.js", []), ("mark.svg", [])]);
        var page = await Html.TextAsync(stage.Services, Document.Of(new Frame(new Page("Queue", Room.Queue, Bits.Text("the list")), catalog, DateTimeOffset.UnixEpoch, CanSignOut: false)));
        page.ShouldContain("Nothing on these pages moves by itself: the server was built without npm.");
        page.ShouldContain("the list");
        page.ShouldNotContain("<script");
    }

    /// <summary>A store that is away now and then.</summary>
    public class AwayStore : DispatchProxy
    {
        public bool IsAway { get; set; }

        internal IJobStore Inner { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            IsAway ? throw new PosthouseException(ErrorCodes.StoreUnavailable, "away") : targetMethod!.Invoke(Inner, args);
    }

    private static async Task<List<string>> UntilAsync(DashboardStage stage, LiveFeed.Stream stream, string name, int times = 1)
    {
        var heard = new List<string>();
        while (heard.Count(one => one == name) < times) { heard.AddRange(await NextAsync(stage, stream)); }
        return heard;
    }

    /// <summary>The names of the next messages, while the clock goes on.</summary>
    private static async Task<string[]> NextAsync(DashboardStage stage, LiveFeed.Stream stream)
    {
        var next = stream.NextAsync(CancellationToken.None);
        while (!next.IsCompleted)
        {
            stage.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1);
        }

        return [.. Encoding.UTF8.GetString(await next).Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line[7..])];
    }
}
