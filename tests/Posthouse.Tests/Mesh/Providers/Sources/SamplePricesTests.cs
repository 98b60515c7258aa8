using System.Globalization;
using System.Text;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Mesh.Providers.Sources;

public sealed class SamplePricesTests
{
    private static readonly (string Asset, string Chain, string First)[] _assets =
    [
        ("BTC", "multi", "68000.00"), ("ETH", "multi", "3500.00"), ("SOL", "multi", "150.000"), ("XRP", "multi", "0.52000"), ("DOGE", "multi", "0.120000"),
        ("ADA", "multi", "0.45000"), ("LINK", "multi", "14.5000"), ("USDC", "multi", "1.00000"), ("BONK", "solana", "0.0000200000"),
    ];

    [Fact]
    public void The_sample_is_what_its_readme_says_and_nothing_of_a_market()
    {
        var changes = _assets.Select((_, at) => Changes(at + 1)).ToArray();
        var text = new StringBuilder("time,asset,price,chain,change_24h,venue\n");
        for (var step = 0; step <= 40; step++)
        {
            for (var at = 0; at < _assets.Length; at++)
            {
                var (asset, chain, first) = _assets[at];
                var change = changes[at][Math.Min(step, 40 - step)];
                var (start, decimals, percent) = (decimal.Parse(first, CultureInfo.InvariantCulture), first.Length - first.IndexOf('.') - 1, first.StartsWith("1.", StringComparison.Ordinal) ? 3 : 2);
                var price = decimal.Round(start * (1 + (change / (percent == 3 ? 100_000m : 10_000m))), decimals, MidpointRounding.ToZero);
                text.Append(CultureInfo.InvariantCulture, $"{new DateTime(2026, 1, 1).AddSeconds(30 * step):yyyy-MM-ddTHH:mm:ss}Z,{asset},{price.ToString($"F{decimals}", CultureInfo.InvariantCulture)},{chain},");
                text.Append(CultureInfo.InvariantCulture, $"{(percent == 3 ? change / 1_000m : change / 100m).ToString($"F{percent}", CultureInfo.InvariantCulture)},made-up\n");
            }
        }

        File.ReadAllText(Path.Combine(Tree.Root, "samples", "Prices", "prices.csv")).ShouldBe(text.ToString());
    }

    [Fact]
    public async Task It_comes_with_the_package_and_plays_in_a_ring()
    {
        var time = new ManualTimeProvider();
        var file = ReplayFile.Sample();
        file.Assets.Count.ShouldBe(9);
        var source = new ReplaySource(file, new(), time);
        for (var step = 0; step < 100; step++)
        {
            var fetch = await source.FetchAsync(file.Assets, default);
            (fetch.Prices.Count, fetch.Flaws.Count).ShouldBe((9, 0));
            time.Advance(TimeSpan.FromSeconds(30));
        }
    }

    private static List<int> Changes(long number)
    {
        var changes = new List<int> { 0 };
        for (var step = 0; step < 20; step++)
        {
            number = ((number * 1103515245) + 12345) % (1L << 31);
            changes.Add(changes[^1] + (int)(number / 65536 % 21) - 10);
        }

        return changes;
    }
}
