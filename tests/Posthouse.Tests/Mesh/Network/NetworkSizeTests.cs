using System.Security.Cryptography;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Network;

public sealed class NetworkSizeTests
{
    [Theory]
    [Trait("Requirement", "8.5")]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(12, 1)]
    [InlineData(100, 8)]
    [InlineData(1_000, 80)]
    [InlineData(10_000, 800)]
    public void Every_node_counts_once_whatever_the_way_its_sketch_comes(int nodes, int off)
    {
        var one = Node(0);
        for (var n = 1; n < nodes; n++)
        {
            var other = Node(n);
            one.Merge(other.Sketch()).ShouldBeTrue();
            one.Merge(other.Sketch()).ShouldBeTrue();
        }

        one.Estimate.ShouldBeInRange(nodes - off, nodes + off);
    }

    [Fact]
    public void Who_is_connected_is_counted_before_any_estimate_comes()
    {
        var node = new OneNode();
        for (var peer = 1; peer <= 3; peer++)
        {
            node.Tracker.OnPeerConnected(OneNode.Id(peer), node.Now);
            (node.Status.ConnectedPeers, node.Status.TotalNetworkSize).ShouldBe((peer, peer + 1));
        }
    }

    [Fact]
    public void A_new_period_remembers_the_one_before_and_forgets_the_one_before_that()
    {
        var one = Node(0);
        for (var n = 1; n < 100; n++)
        {
            one.Merge(Node(n).Sketch());
        }

        var full = one.Estimate;
        one.Tick(OneNode.Noon.AddMinutes(10));
        one.Estimate.ShouldBe(full);
        one.Tick(OneNode.Noon.AddMinutes(20));
        one.Estimate.ShouldBe(1);
    }

    [Fact]
    public void A_sketch_of_another_period_counts_nothing()
    {
        var one = Node(0);
        one.Merge(Node(1).Sketch() with { Period = one.Period - 1 }).ShouldBeFalse();
        one.Estimate.ShouldBe(1);
    }

    private static NetworkSize Node(int n)
    {
        var size = new NetworkSize(NodeId.Of(SHA256.HashData(BitConverter.GetBytes(n))));
        size.Tick(OneNode.Noon);
        return size;
    }
}
