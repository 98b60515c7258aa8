using FsCheck;
using FsCheck.Fluent;
using Posthouse.Mesh;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Prices;

/// <summary>
/// Two nodes that hold the same serve the same, though one of them lived through everything and the other came at the end; what rests on
/// one's own memory is marked.
/// </summary>
public sealed class EqualMapsTests
{
    private const int Providers = 4;

    /// <summary>Prices that honest providers say: near each other, apart, and a jump.</summary>
    private static readonly decimal[] _prices = [100, 100.4m, 100.8m, 103, 108, 130];

    /// <summary>The last provider's, most of them lies.</summary>
    private static readonly decimal[] _lies = [500, 501, 502, 503, 504, 100.2m];

    private readonly List<(int Provider, PriceReading Reading, ulong Seq)> _said = [];
    private readonly PriceTable _old = new(new(), new());
    private Moment _now = new(TimeSpan.FromHours(1), OneNode.Noon);

    [Fact]
    public void Who_ejected_a_provider_serves_what_others_serve()
    {
        for (var round = 0; round < ProviderEjection.Faults; round++)
        {
            Say(3, 500);
            Pass(1);
            Say(1, 100);
            Pass(1);
            Say(2, 100.4m);
            Pass(9);
        }

        _old.Ejected.ShouldBe([OneNode.Id(3)]);
        Say(3, 500);
        var (old, young) = Served();
        (young.Price, young.IsInconsistent).ShouldBe((100, false), "the lower one of the two that agree");
        (old.Price, old.IsInconsistent).ShouldBe((100, false));
    }

    [Fact]
    public void Whatever_happened_values_that_are_not_marked_are_equal() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(
        Gen.Choose(0, (Providers * _prices.Length * 20) - 1).ListOf(80).ToArbitrary(), choices =>
        {
            var test = new EqualMapsTests();
            foreach (var choice in choices)
            {
                var provider = 1 + (choice % Providers);
                test.Say(provider, (provider == Providers ? _lies : _prices)[choice / Providers % _prices.Length]);
                test.Pass(choice / Providers / _prices.Length);
            }

            var (old, young) = test.Served();
            return old.IsInconsistent || old.IsQuarantined || young.IsInconsistent || young.IsQuarantined || (old.Price == young.Price && old.Reading.Provider == young.Reading.Provider);
        }));

    private void Say(int provider, decimal price)
    {
        var said = (provider, new PriceReading(OneNode.Btc, price, _now.Wall), (ulong)_said.Count + 1);
        _said.Add(said);
        Take(_old, said);
    }

    private void Pass(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _now = _now.After(TimeSpan.FromSeconds(1));
            _old.Tick(Providers, _now);
        }
    }

    /// <summary>What both serve: the one that saw it all, and one that gets the newest reading of each now.</summary>
    private (Aggregate Old, Aggregate Young) Served()
    {
        Pass(1);
        var young = new PriceTable(new(), new());
        foreach (var last in _said.GroupBy(said => said.Provider).Select(said => said.Last()))
            Take(young, last);
        young.Tick(Providers, _now);
        return (_old.Snapshot.Find(OneNode.Btc)!, young.Snapshot.Find(OneNode.Btc)!);
    }

    private void Take(PriceTable table, (int Provider, PriceReading Reading, ulong Seq) said) =>
        table.Accept(new(OneNode.Id(said.Provider), new(1, said.Seq), 0, _now.Wall, [said.Reading]), new(said.Seq), PriceOrigin.Live, default, Providers, _now);
}
