using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers.Sources;

public sealed class ReplaySourceTests
{
    private const string Csv = """
        time,asset,price,chain,change_24h,venue,fault
        2025-06-01T10:00:00Z,BTC,100,,1.5,floor,
        2025-06-01T10:00:00Z,USDC,1.0,base,,,
        2025-06-01T10:00:10Z,BTC,110,,,,
        2025-06-01T10:00:20Z,BTC,120,,,,
        """;

    private static readonly AssetKey _btc = new("BTC", "multi");
    private static readonly AssetKey _usdc = new("USDC", "base");
    private readonly ManualTimeProvider _time = new();

    private ReplaySource Source(ReplayOptions? options = null, string csv = Csv) => new(ReplayFile.Parse(csv, "test"), options ?? new(), _time);

    private static async Task<PriceReading> BtcOf(ReplaySource source) => (await source.FetchAsync([_btc], default)).Prices.Single();

    [Fact]
    public async Task A_file_is_played_at_its_own_pace_in_the_present()
    {
        var source = Source();
        var start = _time.GetUtcNow();
        var first = await source.FetchAsync([_usdc, _btc, _btc, new("NOPE", "multi")], default);
        first.Prices.ShouldBe([new(_btc, 100, start) { Change24h = 1.5m, Venue = "floor" }, new(_usdc, 1.0m, start) { Venue = "replay" }]);
        first.Flaws.ShouldBe([new(new("NOPE", "multi"), ReadingFlawKind.Absent)]);
        _time.Advance(TimeSpan.FromSeconds(19));
        (await BtcOf(source)).ShouldBe(new PriceReading(_btc, 110, start.AddSeconds(10)) { Venue = "replay" });
    }

    [Fact]
    public async Task It_begins_again_after_its_end_and_time_goes_on()
    {
        var source = Source();
        var start = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(29));
        (await BtcOf(source)).Price.ShouldBe(120);
        _time.Advance(TimeSpan.FromSeconds(1));
        var again = await BtcOf(source);
        (again.Price, again.ObservedAt).ShouldBe((100m, start.AddSeconds(30)));
        _time.Advance(TimeSpan.FromSeconds(40));
        (await BtcOf(source)).ObservedAt.ShouldBe(start.AddSeconds(70));
    }

    [Fact]
    public async Task Without_a_loop_the_last_price_stays_and_ages()
    {
        var source = Source(new() { Loop = false });
        var start = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromHours(1));
        var last = await BtcOf(source);
        (last.Price, last.ObservedAt).ShouldBe((120m, start.AddSeconds(20)));
    }

    [Fact]
    public async Task It_can_be_played_faster_and_from_the_middle()
    {
        var source = Source(new() { Speed = 10, StartAt = new DateTimeOffset(2025, 6, 1, 10, 0, 10, TimeSpan.Zero) });
        var start = _time.GetUtcNow();
        (await BtcOf(source)).Price.ShouldBe(110);
        _time.Advance(TimeSpan.FromSeconds(1));
        var next = await BtcOf(source);
        (next.Price, next.ObservedAt).ShouldBe((120m, start.AddSeconds(1)));
    }

    [Fact]
    public async Task With_the_files_own_times_a_price_too_old_for_the_mesh_is_named()
    {
        var source = Source(new() { ShiftToNow = false });
        (await source.FetchAsync([_btc], default)).Flaws.ShouldBe([new(_btc, ReadingFlawKind.TimeTooOld)]);
        var today = Source(new() { ShiftToNow = false }, Csv.Replace("2025-06-01T10", "2025-12-31T12", StringComparison.Ordinal));
        (await BtcOf(today)).ObservedAt.ShouldBe(new DateTimeOffset(2025, 12, 31, 12, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task Faults_of_the_file_hold_until_its_next_time()
    {
        var source = Source(csv: """
            time,asset,price,fault
            2025-06-01T10:00:00Z,BTC,100,500
            2025-06-01T10:00:10Z,,,429:60
            2025-06-01T10:00:20Z,BTC,120,
            2025-06-01T10:00:30Z,BTC,130,freeze:250
            2025-06-01T10:00:40Z,BTC,140,timeout
            2025-06-01T10:00:50Z,BTC,150,garbage
            """);
        (await source.FetchAsync([_btc], default)).Fault!.Kind.ShouldBe(SourceFaultKind.ServerFailed);
        _time.Advance(TimeSpan.FromSeconds(10));
        var throttled = await source.FetchAsync([_btc], default);
        (throttled.Fault!.Kind, throttled.Fault.RetryAfter).ShouldBe((SourceFaultKind.Throttled, TimeSpan.FromSeconds(60)));
        throttled.Flaws.ShouldBe([new(_btc, ReadingFlawKind.Unanswered)]);
        _time.Advance(TimeSpan.FromSeconds(10));
        (await BtcOf(source)).Price.ShouldBe(120);

        _time.Advance(TimeSpan.FromSeconds(10));
        var late = BtcOf(source);
        late.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(250));
        (await late).Price.ShouldBe(130);

        _time.Advance(TimeSpan.FromSeconds(10));
        var never = source.FetchAsync([_btc], default);
        never.IsCompleted.ShouldBeFalse();
        _time.Advance(InjectedFault.Limit);
        (await never).Fault!.Kind.ShouldBe(SourceFaultKind.TimedOut);
        _time.Advance(TimeSpan.FromSeconds(5));
        (await source.FetchAsync([_btc], default)).Fault!.Kind.ShouldBe(SourceFaultKind.NotJson);
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("time,asset\n", "line 1")]
    [InlineData("time,asset,price,colour\n", "line 1")]
    [InlineData("time,asset,price,price\n", "line 1")]
    [InlineData("time,asset,price\n", "no price")]
    [InlineData("time,asset,price\n2025-06-01T10:00:00,BTC,1", "line 2")]
    [InlineData("time,asset,price\n2025-06-01T10:00:00Z,btc,1", "btc")]
    [InlineData("time,asset,price\n2025-06-01T10:00:00Z,BTC,NaN", "NaN")]
    [InlineData("time,asset,price\n2025-06-01T10:00:00Z,BTC,0", "PriceNotPositive")]
    [InlineData("time,asset,price\n2025-06-01T10:00:00Z,BTC,1,2", "fields")]
    [InlineData("time,asset,price\n2025-06-01T10:00:01Z,BTC,1\n2025-06-01T10:00:00Z,BTC,1", "line 3")]
    [InlineData("time,asset,price,fault\n2025-06-01T10:00:00Z,BTC,1,nonsense", "nonsense")]
    [InlineData("time,asset,price,change_24h\n2025-06-01T10:00:00Z,BTC,1,-101", "-101")]
    public void A_file_that_cannot_be_read_is_refused_by_its_line(string csv, string word) =>
        Should.Throw<PosthouseException>(() => ReplayFile.Parse(csv, "test")).Message.ShouldContain(word);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_speed_that_is_none_is_refused(double speed) => Should.Throw<PosthouseException>(() => Source(new() { Speed = speed }));

    [Theory]
    [InlineData("", true)]
    [InlineData("ok", true)]
    [InlineData("503:7", true)]
    [InlineData("freeze:1", true)]
    [InlineData("200", false)]
    [InlineData("429:", false)]
    [InlineData("429:-1", false)]
    [InlineData("freeze", false)]
    [InlineData("freeze:600001", false)]
    [InlineData("timeout:5", false)]
    public void A_fault_is_one_word_and_perhaps_a_number(string text, bool isOne) => InjectedFault.TryParse(text, out _).ShouldBe(isOne);

    [Fact]
    public async Task Faults_can_be_put_before_any_source_one_for_each_fetch_in_turn()
    {
        var faulty = new FaultySource(Source(), "ok, 429:5, garbage", _time);
        var kinds = new List<SourceFaultKind?>();
        for (var fetch = 0; fetch < 4; fetch++)
            kinds.Add((await faulty.FetchAsync([_btc], default)).Fault?.Kind);
        kinds.ShouldBe([null, SourceFaultKind.Throttled, SourceFaultKind.NotJson, null]);
        Should.Throw<PosthouseException>(() => new FaultySource(Source(), "ok,perhaps", _time)).Message.ShouldContain("perhaps");
    }
}
