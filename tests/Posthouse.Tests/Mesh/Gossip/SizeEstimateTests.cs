using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

public sealed class SizeEstimateTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(24)]
    public void A_small_network_is_counted_to_the_node(int nodes) => Of(0, nodes).Count().ShouldBe(nodes);

    [Theory]
    [InlineData(1_000)]
    [InlineData(10_000)]
    public void A_large_one_is_counted_within_a_tenth(int nodes) => ((double)Of(0, nodes).Count()).ShouldBe(nodes, nodes / 10.0);

    [Fact]
    public void Nodes_heard_of_twice_are_counted_once()
    {
        var estimate = Of(0, 600);
        estimate.Merge(Of(400, 600).ToArray());
        estimate.ToArray().ShouldBe(Of(0, 1_000).ToArray());
        estimate.Merge(Of(0, 1_000).ToArray());
        estimate.ToArray().ShouldBe(Of(0, 1_000).ToArray());
        estimate.Clear();
        estimate.Count().ShouldBe(0);
    }

    [Fact]
    public void Registers_that_claim_the_utmost_are_still_a_number()
    {
        var estimate = new SizeEstimate();
        estimate.Merge(Enumerable.Repeat(MeshProtocol.MaxRegister, 1_024).ToArray());
        estimate.Count().ShouldBe(int.MaxValue);
        FrameCodec.TryDecode(FrameCodec.Encode(new SizeSketch(1, estimate.ToArray())), out _).ShouldBe(Refusal.None);
    }

    private static SizeEstimate Of(int first, int count)
    {
        var estimate = new SizeEstimate();
        for (var node = first; node < first + count; node++)
            estimate.Add(new TagKey((ulong)node).Public.Id);
        return estimate;
    }
}
