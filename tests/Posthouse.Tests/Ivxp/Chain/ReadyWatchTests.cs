using System.Text;
using System.Text.Json.Nodes;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.Ivxp.Payments;

namespace Posthouse.Tests.Ivxp.Chain;

public sealed class ReadyWatchTests
{
    private const string Order = "ivxp-7b0c2f5e-3d41-4c8e-9a55-0f6f0e6c1a22";
    private static readonly EthereumAddress Client = EthereumAddress.Parse("0x" + new string('1', 40));
    private static readonly EthereumAddress Contract = EthereumAddress.Parse("0x" + new string('c', 40));

    private readonly ScriptedNode _node = new();
    private readonly ReadyWatch _watch;

    public ReadyWatchTests()
    {
        _watch = new ReadyWatch(new EthereumRpc(_node, new Uri("http://127.0.0.1/"), TimeSpan.FromSeconds(1)), Client, Contract);
        _node.Results["eth_blockNumber"] = () => "0x64";
        _node.Results["eth_getLogs"] = () => new JsonArray(Log());
    }

    [Fact]
    public void The_topic_is_the_events_name() =>
        ReadyNotice.Topic.ShouldBe("0x" + Convert.ToHexStringLower(Keccak256.Hash(Encoding.ASCII.GetBytes("ServiceReady(bytes32,address,bytes32)"))));

    [Fact]
    public async Task A_notice_names_its_order_and_content()
    {
        var page = (await _watch.ReadAsync(90)).Value!;
        var notice = page.Notices.ShouldHaveSingleItem();
        notice.IsOf(Order).ShouldBeTrue();
        notice.ContentHash.ShouldBe("sha256:" + new string('e', 64));
        (notice.Contract, notice.BlockNumber, page.IsCaughtUp).ShouldBe((Contract, 95, true));
    }

    [Fact]
    public async Task The_newest_blocks_are_looked_at_again_because_a_chain_may_take_them_back()
    {
        (await _watch.ReadAsync(10)).Value!.NextBlock.ShouldBe(85);
        (await _watch.ReadAsync(95)).Value!.NextBlock.ShouldBe(95);
        // A node that lags behind the one asked before.
        (await _watch.ReadAsync(101)).Value.ShouldBeEquivalentTo(new ReadyPage([], 101, true));
    }

    [Fact]
    public async Task A_long_absence_is_read_in_ranges_that_public_nodes_take()
    {
        _node.Results["eth_blockNumber"] = () => "0x1388";
        var ends = new List<long>();
        for (var (next, last) = (0L, false); !last;)
        {
            var page = (await _watch.ReadAsync(next)).Value!;
            ends.Add(next = page.NextBlock);
            last = page.IsCaughtUp;
        }
        ends.ShouldBe([2000, 4000, 4985]);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("topic")]
    [InlineData("client")]
    [InlineData("contract")]
    [InlineData("data")]
    public async Task What_is_no_standing_notice_for_this_client_is_passed_over(string flaw)
    {
        var log = Log();
        switch (flaw)
        {
            case "removed":
                log["removed"] = true;
                break;
            case "topic":
                log["topics"]![0] = TokenTransfer.Topic;
                break;
            case "client":
                log["topics"]![2] = TokenTransfer.Pad(Contract);
                break;
            case "contract":
                log["address"] = Client.ToString();
                break;
            default:
                log["data"] = "0x";
                break;
        }
        _node.Results["eth_getLogs"] = () => new JsonArray(log.DeepClone());
        (await _watch.ReadAsync(90)).Value!.Notices.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_that_is_away_moves_no_cursor()
    {
        _node.Answers["eth_getLogs"] = () => ScriptedNode.Response(503, "");
        (await _watch.ReadAsync(90)).ShouldBe(new ChainAnswer<ReadyPage>(null, "http_503"));
    }

    private static JsonObject Log() => new()
    {
        ["address"] = Contract.ToString(),
        ["topics"] = new JsonArray(ReadyNotice.Topic, "0x" + Convert.ToHexStringLower(ReadyNotice.HashOf(Order)), TokenTransfer.Pad(Client)),
        ["data"] = "0x" + new string('e', 64),
        ["transactionHash"] = "0x" + new string('a', 64),
        ["blockNumber"] = "0x5f",
        ["removed"] = false,
    };
}
