using System.Reflection;
using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Diagnostics;

public sealed class FactLogTests
{
    private readonly Levels _log = new();
    private readonly OneNode _node = new();

    [Fact]
    public void Each_of_the_eight_events_of_the_source_is_logged_with_its_level_once_per_transition()
    {
        for (var outage = 0; outage < 2; outage++)
        {
            _node.Beacon(1); // new, then back
            _node.Price(1, 100);
            _node.Pass(20 + 700); // silent, offline, extended
            for (var reads = 0; reads < 3; reads++)
            {
                _node.Served();
                _node.Pass(1);
            }
        }

        _node.Beacon(1);
        _node.Pass(1);
        foreach (var fact in _node.Facts.Told)
        {
            _log.Write(fact);
        }

        Count(4000, LogLevel.Warning).ShouldBe(2, "all offline");
        Count(4001, LogLevel.Warning).ShouldBe(2, "extended offline");
        Count(4002, LogLevel.Warning).ShouldBe(2, "a provider gone");
        Count(4003, LogLevel.Information).ShouldBe(2, "a provider back");
        Count(4004, LogLevel.Information).ShouldBe(2, "recovered");
        Count(4005, LogLevel.Information).ShouldBe(1, "discovered");
        Count(4006, LogLevel.Debug).ShouldBe(2, "cached data served");
        Count(4007, LogLevel.Debug).ShouldBe(7, "status: online, no providers and extended, twice, and online at last");
        _log.Lines.ShouldContain("4004 The network has recovered: no provider was online for 703 s; 0 prices came with the first sign of life.");
        _log.Lines.ShouldContain("4001 No provider has been online for 10 minutes.");
    }

    [Fact]
    public void Ids_are_unique_and_in_the_packages_range()
    {
        var ids = typeof(Log).GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId).OfType<int>().ToList();
        ids.ShouldNotBeEmpty();
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id >= 4000 && id <= 4999);
    }

    [Fact]
    public void Every_fact_has_its_own_line()
    {
        var one = new HeldPrice(new(OneNode.Btc, 1, OneNode.Noon), OneNode.Id(1), default, default);
        MeshFact[] samples =
        [
            new ProviderDiscovered(OneNode.Id(1), 2), new ProviderReconnected(OneNode.Id(1), default), new ProviderDisconnected(OneNode.Id(1), default),
            new ProviderDegraded(OneNode.Id(1), true), new ProviderHealed(OneNode.Id(1)), new ProviderFlapping(OneNode.Id(1)),
            new ProviderEjected(OneNode.Id(1), default), new ProviderReadmitted(OneNode.Id(1)), new AllProvidersOffline(OneNode.Noon, true),
            new ExtendedOffline(default), new StillOffline(default), new NetworkRecovered(default, 3), new ServingCachedData(),
            new NetworkStatusChanged(_node.Status), new ClockJumped(default), new OwnTimersLate(default, false),
            new PriceDiscrepancy(OneNode.Btc, new(one, one)), new DiscrepancyEnded(OneNode.Btc), new PriceQuarantined(OneNode.Btc, 1, 2),
            new CrossCheckWanted(OneNode.Btc), new OwnClockDiffers(TimeSpan.FromSeconds(9)), new OwnClockAgrees(), new DataWentStale(1, default), new PricesExpired(OneNode.Btc, OneNode.Noon), new PromotedSelf(), new SteppedDown(), new BudgetSpent("day", OneNode.Noon),
            new DuplicateIdentity(OneNode.Id(1), "ws://a:1/mesh"), new PeerBanned(OneNode.Id(1), default), new ProviderRefused(OneNode.Id(1), Refusal.Uncertified),
            new SeedUnreachable("ws://a:1/mesh", "nobody listens"), new SeedReached("ws://a:1/mesh"),
        ];
        samples.Select(sample => sample.GetType()).ShouldBe(
            typeof(MeshFact).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(MeshFact))), ignoreOrder: true);
        foreach (var sample in samples)
        {
            _log.Write(sample);
        }

        _log.Ids.Count.ShouldBe(samples.Length);
        _log.Ids.ShouldBeUnique();
    }

    private int Count(int id, LogLevel level) => _log.Entries.Count(entry => entry == (id, level));

    private sealed class Levels : ILogger
    {
        public List<(int Id, LogLevel Level)> Entries { get; } = [];

        public List<string> Lines { get; } = [];

        public List<int> Ids => [.. Entries.Select(entry => entry.Id)];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Entries.Add((eventId.Id, logLevel));
            Lines.Add($"{eventId.Id} {formatter(state, exception)}");
        }
    }
}
