using System.Text;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers.Sources;

/// <summary>Good answers with a few bytes changed, cut out or doubled: nothing throws, and no reading is out of bounds.</summary>
public sealed class DamagedAnswerTests
{
    private const int Answers = 4_000;

    private static readonly DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string, string> Shapes => new()
    {
        { "coinmarketcap-v1", "BTC", """{"status":{"error_code":0,"error_message":null},"data":{"BTC":{"id":1,"quote":{"USD":{"price":68016.03,"percent_change_24h":-0.2,"last_updated":"2025-12-31T23:59:58.000Z"}}}}}""" },
        { "coinmarketcap-v2", "BTC", """{"data":{"X":null,"BTC":[{"quote":{"USD":{"price":6.8e4,"percent_change_24h":0,"last_updated":"2025-12-31T23:59:58Z"}}},{}]}}""" },
        { "coinmarketcap-v3", "BTC", """{"data":[{"symbol":"ETH"},{"symbol":"BTC","quote":{"USD":{"price":68016.03,"last_updated":"2025-12-31T23:59:58+00:00"}}}]}""" },
        { "coingecko", "BTC", """{"bitcoin":{"usd":103663,"usd_24h_change":1.63,"last_updated_at":1767225599}}""" },
        { "coinbase", "BTC", """ {"ask":"1","price":"68016.03","\u0074ime":"2025-12-31T23:59:58.156712Z"} """ },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_damaged_answer_is_read_or_refused_and_never_throws(string profile, string asset, string answer)
    {
        var plan = new ProfilePlan(SourceProfiles.Find(profile)!);
        var call = plan.Calls([new AssetKey(asset, "multi")], [])[0];
        Read(plan, call, Encoding.UTF8.GetBytes(answer)).Prices.Count.ShouldBe(1, "whole, it is a good answer");
        var random = new Random(4_711);
        var (good, flawed, refused) = (0, 0, 0);
        for (var at = 0; at < Answers; at++)
        {
            var bytes = Damage(Encoding.UTF8.GetBytes(answer), random);
            var (prices, flaws, fault) = Read(plan, call, bytes);
            if (prices.Exists(price => price.Price is <= 0 or > ReadingBounds.MaxPrice || price.ObservedAt > _now.AddSeconds(1)))
                throw new InvalidOperationException($"A reading out of bounds: {Encoding.UTF8.GetString(bytes)}");
            if (prices.Count + (fault is null ? 0 : 1) + flaws.Count(flaw => flaw.Kind != ReadingFlawKind.ChangeUnusable) != 1)
                throw new InvalidOperationException($"Neither a reading nor one reason: {Encoding.UTF8.GetString(bytes)}");
            (good, flawed, refused) = (good + prices.Count, flawed + Math.Min(1, flaws.Count), refused + (fault is null ? 0 : 1));
        }

        Math.Min(good, Math.Min(flawed, refused)).ShouldBeGreaterThan(Answers / 100, "all three ends are reached");
    }

    private static (List<PriceReading> Prices, List<ReadingFlaw> Flaws, SourceFault? Fault) Read(ProfilePlan plan, SourceCall call, byte[] answer)
    {
        var (prices, flaws) = (new List<PriceReading>(), new List<ReadingFlaw>());
        var fault = new AnswerReader(plan, _now, prices, flaws).Read(answer, call);
        return (prices, flaws, fault);
    }

    private static byte[] Damage(byte[] answer, Random random)
    {
        var bytes = answer.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = "0123456789-.eE\"{}[],:nul\\u"u8[random.Next(26)];
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.Insert(at, bytes[random.Next(bytes.Count)]);
                    break;
            }
        }

        return [.. bytes];
    }
}
