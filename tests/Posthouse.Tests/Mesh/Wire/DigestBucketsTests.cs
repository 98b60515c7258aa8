using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Wire;

public sealed class DigestBucketsTests
{
    private static readonly NodeId Provider = new TagKey(1).Public.Id;

    [Fact]
    public void Two_nodes_that_hold_the_same_agree_in_any_order()
    {
        var items = Enumerable.Range(0, 500).Select(at => Item($"T{at}")).ToArray();
        Of(items).ToArray().ShouldBe(Of(items.Reverse()).ToArray());
    }

    [Fact]
    public void One_newer_price_differs_in_its_bucket_alone()
    {
        var items = Enumerable.Range(0, 500).Select(at => Item($"T{at}")).ToArray();
        var (here, there) = (Of(items), Of(items));
        here.Toggle(items[7]);
        here.Toggle(items[7] with { Stamp = new Stamp(1, 2) });
        var others = there.ToArray();
        Enumerable.Range(0, 256).Where(bucket => here.Differs(bucket, others)).ShouldBe([DigestBuckets.BucketOf(items[7].Key, Provider)]);
        here.Toggle(items[7] with { Stamp = new Stamp(1, 2) });
        here.Toggle(items[7]);
        here.ToArray().ShouldBe(others);
    }

    [Fact]
    public void Items_spread_over_the_buckets() =>
        Enumerable.Range(0, 5_000).Select(at => DigestBuckets.BucketOf(new AssetKey($"T{at}", "multi"), Provider)).Distinct().Count().ShouldBe(256);

    private static DigestBuckets Of(IEnumerable<DigestItem> items)
    {
        var buckets = new DigestBuckets();
        foreach (var item in items)
            buckets.Toggle(item);
        return buckets;
    }

    private static DigestItem Item(string asset) => new(new AssetKey(asset, "multi"), Provider, SampleFrames.Now, new Stamp(1, 1), new MessageId(5));
}
