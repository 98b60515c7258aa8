using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Locks;
using Posthouse.AspNetCore.Dashboard.Prices;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Jobs;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed class OtherPagesTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Without_a_mesh_the_page_says_how_to_join_one()
    {
        await using var stage = await DashboardStage.StartAsync();
        (await stage.GetAsync("/prices")).ShouldContain("no node of a price mesh");
        using var answer = await stage.SendAsync(HttpMethod.Get, "/locks");
        (await answer.Content.ReadAsStringAsync()).ShouldContain("posthouse lock acquire FILE");
    }

    [Fact]
    public async Task A_node_provides_prices_and_stops_when_somebody_says_so()
    {
        using var folder = TempFolder.InMemory();
        await using var stage = await DashboardStage.StartAsync(more: services => services.AddMesh(new MeshOptions
        {
            Folder = folder.Path,
            Trust = TrustMode.Open,
            Source = new SourceOptions { Assets = ["BTC"] },
        }));
        (await stage.GetAsync("/prices")).ShouldContain("Provide prices…");
        (await stage.AnswerAsync("/prices/provide")).ShouldSatisfyAllConditions(
            page => page.Status.ShouldBe(HttpStatusCode.Redirect), page => page.Page.ShouldContain("This node provides prices."), page => page.Page.ShouldContain("Stop providing…"));
        stage.Services.GetRequiredService<MeshHost>().Node.IsProvider.ShouldBeTrue();
        (await stage.AnswerAsync("/prices/stop")).Page.ShouldContain("provides prices no more");
        stage.Services.GetRequiredService<MeshHost>().Node.IsProvider.ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_without_a_source_says_what_it_lacks()
    {
        using var folder = TempFolder.InMemory();
        await using var stage = await DashboardStage.StartAsync(more: services => services.AddMesh(new MeshOptions { Folder = folder.Path, Trust = TrustMode.Open }));
        (await stage.GetAsync("/prices")).ShouldContain("This node could, with a source: Mesh:Source:Use.");
        (await stage.AnswerAsync("/prices/provide")).ShouldSatisfyAllConditions(page => page.Status.ShouldBe(HttpStatusCode.BadRequest), page => page.Page.ShouldContain("OPTIONS_INVALID"));
    }

    [Theory]
    [InlineData(NetworkState.Online, null, "", "")]
    [InlineData(NetworkState.NoProviders, 3L, "No live data sources - serving cached data", "role=\"status\"")]
    [InlineData(NetworkState.ExtendedOffline, 11L, "Offline for 11 minutes", "role=\"alert\"")]
    public async Task The_banner_says_in_the_meshs_own_words_that_nobody_provides(NetworkState state, long? minutes, string text, string role)
    {
        await using var stage = await DashboardStage.StartAsync();
        var html = await Html.TextAsync(stage.Services, NetworkBanner.Of(Status(state, minutes)));
        html.ShouldContain(text);
        html.ShouldContain(role);
        html.Contains("banner bad", StringComparison.Ordinal).ShouldBe(state is NetworkState.ExtendedOffline);
        if (text.Length == 0) { html.ShouldNotContain("banner"); }
    }

    [Fact]
    public async Task Prices_tell_their_age_and_how_far_they_can_be_trusted()
    {
        await using var stage = await DashboardStage.StartAsync();
        PriceRow[] rows = [Row("ADA", TimeSpan.FromSeconds(5), live: true), Row("BTC", TimeSpan.FromMinutes(5), live: false), Row("ETH", TimeSpan.FromHours(2), live: false, isStale: true), Row("XRP", TimeSpan.Zero, live: true, differs: true)];
        var provider = new MeshProvider(NodeId.Of([1]), "active", false, false, 2, _now, _now, 90, 1000, 1);
        var view = new PricesView(Status(NetworkState.Online, null), rows, 3, PricesPage.Shares([provider, provider with { State = "degraded" }, provider with { Health = 10 }]), [], null, true, _now);
        var html = WebUtility.HtmlDecode(await Html.TextAsync(stage.Services, PriceParts.Page(view)));
        foreach (var text in new[] { "just now", "5 minutes ago", "2 hours ago", "sources differ", "cached", "live", "5m ago", "2h ago", "3 more; the filter finds them", "80 %", "20 %", "2 hops", "68,047.60", "−1.50 %" }) { html.ShouldContain(text); }
    }

    [Fact]
    public async Task Locks_show_who_has_what_and_what_waits()
    {
        var view = new Locks(new KnownLocks(
            [new("Song", "/music/Song", "Song.logicx", false, "ann@desk", _now + TimeSpan.FromHours(3), _now), new("Song", "/music/Song", "<b>.wav", true, "bob@desk", null, _now)],
            [new("Film", "/films/Film", JobId.Parse("acquire-1"), "Acquire lock for cut.mov", JobState.Pending, "cat@desk")]));
        await using var stage = await DashboardStage.StartAsync(more: services => services.AddSingleton<ILockView>(view));
        var page = await stage.GetAsync("/locks");
        foreach (var text in new[] { "Song.logicx", "held", "lost", "now bob@desk", "&lt;b&gt;.wav", "Acquire lock for cut.mov", "cat@desk has it", "acquire-1" }) { page.ShouldContain(text); }
        page.ShouldNotContain("<b>");
        (await stage.GetAsync("/locks?part=locks")).ShouldStartWith("<div id=\"locks\"");
    }

    [Fact]
    public async Task A_lease_is_counted_down_as_the_verb_does()
    {
        await using var stage = await DashboardStage.StartAsync();
        var (soon, over) = (_now + new TimeSpan(3, 57, 20), _now - TimeSpan.FromMinutes(5));
        var html = await Html.TextAsync(stage.Services, LockTable.Of(new KnownLocks([new("Song", "/music/Song", "a.wav", false, null, soon, _now), new("Song", "/music/Song", "b.wav", false, null, over, _now)], []), _now));
        html.ShouldContain("in 3h 57m</time>");
        html.ShouldContain("5m ago</time>");
    }

    private static NetworkStatus Status(NetworkState state, long? minutes) => new()
    {
        ActiveProviders = [],
        ConnectedPeers = 0,
        TotalNetworkSize = 1,
        LastUpdateTime = _now,
        DataFreshness = DataFreshness.Of(TimeSpan.Zero),
        ExtendedOffline = state is NetworkState.ExtendedOffline,
        OfflineDurationMinutes = minutes,
        State = state,
        SelfIsProvider = false,
        DegradedProviders = [],
        Discrepancies = [],
    };

    private static PriceRow Row(string asset, TimeSpan age, bool live, bool isStale = false, bool differs = false) => new(asset, new ServedPrice
    {
        Asset = asset,
        Price = 68_047.60m,
        Change24h = -1.5m,
        Timestamp = _now - age,
        SourceNodeId = default,
        Blockchain = "multi",
        AgeSeconds = (long)age.TotalSeconds,
        Freshness = DataFreshness.Of(age),
        IsStale = isStale,
        Live = live,
        Origin = PriceOrigin.Live,
        Providers = [],
        Inconsistent = differs,
        Quarantined = false,
    }, [1, 2, 1.5]);

    private sealed class Locks(KnownLocks known) : ILockView
    {
        public long Version => 1;

        public KnownLocks Look() => known;
    }
}
