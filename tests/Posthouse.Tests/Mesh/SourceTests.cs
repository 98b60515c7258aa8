using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh;

/// <summary>The ten tests that the source names, under its names, and its three flows step by step; here on one node's decisions, without a wire.</summary>
public sealed class SourceTests
{
    private readonly OneNode _node = new();
    private readonly List<NodeId> _witnesses = [];

    [Fact(DisplayName = "test_provider_disconnect_keeps_cached_data")]
    [Trait("Requirement", "9.1")]
    public void Provider_disconnect_keeps_cached_data()
    {
        Connect(1);
        _node.Price(1, 42_000m);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);

        _node.Pass(3_700);
        _node.Served().Price.ShouldBe(42_000m);
        _node.Served().ShouldSatisfyAllConditions(served => served.Live.ShouldBeFalse(), served => served.IsStale.ShouldBeTrue());
        _node.Book.Map.Assets.ShouldBe(1);
    }

    [Fact(DisplayName = "test_all_providers_offline_warning")]
    [Trait("Requirement", "9.2")]
    public void All_providers_offline_warning()
    {
        Connect(1);
        _node.Price(1, 42_000m);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);

        _node.Status.ActiveProviders.ShouldBeEmpty();
        _node.Status.OfflineSince.ShouldBe(_node.Now.Wall);
        _node.Status.Notice.ShouldBe("No live data sources - serving cached data");
        _node.Told<AllProvidersOffline>().ShouldHaveSingleItem().Since.ShouldBe(_node.Now.Wall);
    }

    [Fact(DisplayName = "test_provider_reconnection")]
    [Trait("Requirement", "9.3")]
    public void Provider_reconnection()
    {
        Connect(1);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
        _node.Pass(120);
        Connect(1);

        _node.Status.ActiveProviders.ShouldHaveSingleItem().NodeId.ShouldBe(OneNode.Id(1));
        _node.Told<ProviderReconnected>().ShouldHaveSingleItem().OfflineFor.ShouldBe(TimeSpan.FromSeconds(120));
        _node.Told<NetworkRecovered>().ShouldHaveSingleItem().Duration.ShouldBe(TimeSpan.FromSeconds(120));
    }

    [Fact(DisplayName = "test_new_provider_auto_discovery")]
    [Trait("Requirement", "9.4")]
    public void New_provider_auto_discovery()
    {
        Connect(1);
        Connect(2);

        _node.Told<ProviderDiscovered>().Select(fact => fact.Provider).ShouldBe([OneNode.Id(1), OneNode.Id(2)]);
        _node.Told<ProviderReconnected>().ShouldBeEmpty();
        _node.Status.ActiveProviders.Count.ShouldBe(2);
    }

    [Fact(DisplayName = "test_extended_offline_indicator")]
    [Trait("Requirement", "9.5")]
    public void Extended_offline_indicator()
    {
        Connect(1);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);

        _node.Pass(599.999);
        _node.Tracker.IsExtendedOffline().ShouldBeFalse();
        _node.Status.OfflineDurationMinutes.ShouldBe(9);
        _node.Pass(0.001);
        _node.Tracker.IsExtendedOffline().ShouldBeTrue();
        _node.Status.ExtendedOffline.ShouldBeTrue();
        _node.Status.OfflineDurationMinutes.ShouldBe(10);
        _node.Status.Notice.ShouldBe("Offline for 10 minutes");
    }

    [Fact(DisplayName = "test_cached_data_served_when_no_providers")]
    [Trait("Requirement", "6.4")]
    public void Cached_data_served_when_no_providers()
    {
        Connect(1);
        _node.Price(1, 42_000m);
        _node.Served().Live.ShouldBeTrue();
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);

        _node.Served().Live.ShouldBeFalse();
        _node.Book.GetAllPriceData(_node.Now.Wall).ShouldHaveSingleItem().Value.Price.ShouldBe(42_000m);
    }

    [Fact(DisplayName = "test_provider_disconnect_preserves_cache")]
    public void Provider_disconnect_preserves_cache()
    {
        Connect(1);
        for (var n = 0; n < 20; n++)
        {
            _node.Price(1, n + 1, key: new("A" + n, "base"));
        }

        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
        _node.Pass(700);
        var all = _node.Book.GetAllPriceData(_node.Now.Wall);
        all.Count.ShouldBe(20);
        all["A7@base"].Price.ShouldBe(8);
        all["A7@base"].AgeSeconds.ShouldBe(700);
    }

    [Fact(DisplayName = "test_all_providers_offline_status")]
    public void All_providers_offline_status()
    {
        Connect(1);
        Connect(2);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
        _witnesses.ShouldBe([OneNode.Id(2)]);
        _node.Status.State.ShouldBe(NetworkState.Online);

        _node.Book.OnPeerDisconnected(OneNode.Id(2), _node.Now, _witnesses);
        _node.Pass(3);
        _node.Status.State.ShouldBe(NetworkState.NoProviders);
        _node.Told<ProviderDisconnected>().Count.ShouldBe(2);
        _node.Told<AllProvidersOffline>().Count.ShouldBe(1);
    }

    [Fact(DisplayName = "test_provider_reconnection_clears_offline_status")]
    public void Provider_reconnection_clears_offline_status()
    {
        Connect(1);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
        _node.Pass(700);
        _node.Tracker.GetOfflineDuration(_node.Now).ShouldBe(TimeSpan.FromSeconds(700));
        Connect(1);

        _node.Tracker.GetOfflineDuration(_node.Now).ShouldBeNull();
        _node.Tracker.IsExtendedOffline().ShouldBeFalse();
        _node.Status.OfflineDurationMinutes.ShouldBeNull();
        _node.Memory.OfflineSince.ShouldBeNull();
        _node.Status.Notice.ShouldBeNull();
    }

    [Fact(DisplayName = "test_cached_data_fallback_when_offline")]
    [Trait("Requirement", "6.3")]
    public void Cached_data_fallback_when_offline()
    {
        var cold = new OneNode(_node.Memory);
        cold.Price(1, 42_000m, age: 3 * 3600, origin: PriceOrigin.Db);
        cold.Pass(15);

        cold.Status.State.ShouldBe(NetworkState.NoProviders);
        var served = cold.Served();
        (served.Price, served.Live, served.IsStale, served.Origin).ShouldBe((42_000m, false, true, PriceOrigin.Db));
        served.Freshness.ToString().ShouldBe("3 hours ago");
    }

    [Fact]
    public void The_disconnect_flow_goes_step_by_step()
    {
        Connect(1);
        _node.Price(1, 42_000m);
        _node.Facts.Clear();
        var provider = OneNode.Id(1);

        _node.Book.OnPeerDisconnected(provider, _node.Now, _witnesses); // 1–2: the peer is gone
        _node.Tracker.Find(provider).ShouldNotBeNull(); // 3: it was a provider
        _node.Facts.Told[0].ShouldBe(new ProviderDisconnected(provider, DisconnectReason.ConnectionLost)); // 4: told to the tracker
        _node.Tracker.Find(provider)!.State.ShouldBe(Liveness.Inactive); // 5
        _node.Status.ActiveProviders.ShouldBeEmpty(); // 6: all are
        _node.Memory.OfflineSince.ShouldBe(_node.Now.Wall); // 7: recorded …
        _node.Facts.Told[1].ShouldBe(new AllProvidersOffline(_node.Now.Wall, true)); // … and warned of
        _node.Served().Price.ShouldBe(42_000m); // 8: prices stay
    }

    [Fact]
    public void The_reconnection_flow_goes_step_by_step()
    {
        Connect(1);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
        _node.Pass(61);
        _node.Facts.Clear();

        var told = _node.Book.OnPeerConnected(OneNode.Id(1), _node.Now); // 1–2: the peer is back
        (told.Node, told.IsProvider, told.HopCount).ShouldBe((OneNode.Id(0), false, ProviderInfo.UnknownHops)); // 3: it is told our status
        _node.Status.ActiveProviders.ShouldBeEmpty(); // a connection proves nothing yet
        _node.Book.HandleNetworkStatus(_node.StatusOf(1), _node.Now); // 4–6: its own says that it is a provider
        _node.Facts.Told[0].ShouldBe(new ProviderReconnected(OneNode.Id(1), TimeSpan.FromSeconds(61))); // 7
        _node.Status.ActiveProviders.ShouldHaveSingleItem().HopCount.ShouldBe(1); // 8
        _node.Memory.OfflineSince.ShouldBeNull(); // 9
        _node.Facts.Told[1].ShouldBe(new NetworkRecovered(TimeSpan.FromSeconds(61), 0)); // 10
    }

    [Fact]
    public void The_cached_data_flow_tells_once_for_each_outage_that_cached_data_is_served()
    {
        Connect(1);
        _node.Price(1, 42_000m);
        for (var outage = 1; outage <= 2; outage++)
        {
            _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
            _node.Pass(120);
            _node.Told<ServingCachedData>().Count.ShouldBe(outage - 1);
            for (var reads = 0; reads < 5; reads++)
            {
                _node.Served().Price.ShouldBe(42_000m);
                _node.Pass(1);
            }

            _node.Told<ServingCachedData>().Count.ShouldBe(outage);
            Connect(1);
        }
    }

    private void Connect(int provider)
    {
        _node.Book.OnPeerConnected(OneNode.Id(provider), _node.Now);
        _node.Book.HandleNetworkStatus(_node.StatusOf(provider), _node.Now);
        _witnesses.Clear();
    }
}
