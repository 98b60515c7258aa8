using System.Text.Json.Nodes;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Tests.Ivxp.Payments;

public sealed class PaymentVerifierTests
{
    private static readonly UsdcNetwork Network = UsdcNetwork.BaseSepolia;
    private static readonly EthereumAddress Client = EthereumAddress.Parse("0x" + new string('1', 40));
    private static readonly EthereumAddress Provider = EthereumAddress.Parse("0x" + new string('2', 40));
    private static readonly EthereumAddress Stranger = EthereumAddress.Parse("0x" + new string('3', 40));
    private static readonly string Tx = "0x" + new string('a', 64);
    private static readonly string BlockHash = "0x" + new string('b', 64);
    private static readonly DateTimeOffset BlockTime = DateTimeOffset.FromUnixTimeSeconds(1_770_000_000);
    private static readonly PaymentClaim Claim = new(Network, Tx, Client, Provider, UsdcAmount.FromUnits(5_000_000), BlockTime);

    private readonly ScriptedNode _node = new();
    private readonly JsonObject _receipt;
    private readonly JsonArray _logs = [];

    public PaymentVerifierTests()
    {
        _receipt = new JsonObject
        {
            ["transactionHash"] = Tx.ToUpperInvariant().Replace("0X", "0x", StringComparison.Ordinal),
            ["status"] = "0x1",
            ["blockNumber"] = "0x64",
            ["blockHash"] = BlockHash,
            ["to"] = Stranger.ToString(),
            ["logs"] = _logs,
        };
        _logs.Add(Log(Client, Provider, 5_000_000));
        _node.Results["eth_chainId"] = () => "0x14a34";
        _node.Results["eth_blockNumber"] = () => "0x64";
        _node.Results["eth_getTransactionReceipt"] = () => _receipt;
        _node.Results["eth_getTransactionByHash"] = () => new JsonObject { ["hash"] = Tx, ["blockNumber"] = null };
        _node.Results["eth_getBlockByNumber"] = () => new JsonObject { ["number"] = "0x64", ["hash"] = BlockHash, ["timestamp"] = $"0x{BlockTime.ToUnixTimeSeconds():x}" };
    }

    [Fact]
    public async Task A_transfer_of_the_price_from_client_to_provider_is_a_payment()
    {
        (await Verify()).ShouldBe(new PaymentOutcome.Verified(Claim.Price, Client, BlockTime, 100));
        _node.Asked.ShouldNotContain("eth_getTransactionByHash");
    }

    [Fact]
    public async Task All_transfers_of_a_transaction_are_added_up_and_overpaying_is_recorded()
    {
        _logs.Clear();
        _logs.Add(Log(Client, Stranger, 9_000_000));
        _logs.Add(Log(Client, Provider, 2_000_000));
        _logs.Add(Log(Client, Provider, 4_000_000));
        (await Verify()).ShouldBeOfType<PaymentOutcome.Verified>().Amount.Units.ShouldBe(6_000_000);
    }

    [Fact]
    public async Task A_unit_less_than_the_price_is_not_enough()
    {
        _logs[0]!["data"] = Word(4_999_999);
        await Refuses(IvxpErrors.AmountMismatch, "underpaid");
    }

    [Fact]
    public async Task A_transfer_of_nothing_that_anybody_can_cause_in_a_clients_name_pays_nothing()
    {
        _logs[0] = Log(Client, Provider, 0);
        await Refuses(IvxpErrors.AmountMismatch, "underpaid");
    }

    [Fact]
    public async Task A_token_of_another_contract_is_not_USDC()
    {
        _logs[0]!["address"] = Stranger.ToString();
        await Refuses(IvxpErrors.InvalidTokenContract, "wrong_token");
    }

    [Fact]
    public async Task A_payment_to_somebody_else_is_not_ours()
    {
        _logs[0] = Log(Client, Stranger, 5_000_000);
        await Refuses(IvxpErrors.PaymentNotVerified, "wrong_recipient");
    }

    [Fact]
    public async Task A_payment_by_somebody_else_is_not_the_clients()
    {
        _logs[0] = Log(Stranger, Provider, 5_000_000);
        await Refuses(IvxpErrors.PaymentNotVerified, "wrong_payer");
    }

    [Fact]
    public async Task A_reverted_transaction_moved_nothing()
    {
        _receipt["status"] = "0x0";
        await Refuses(IvxpErrors.PaymentNotVerified, "reverted");
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("topic_count")]
    [InlineData("topic")]
    [InlineData("data")]
    [InlineData("padding")]
    public async Task A_log_that_is_no_standing_transfer_does_not_count(string flaw)
    {
        var topics = _logs[0]!["topics"]!.AsArray();
        switch (flaw)
        {
            case "removed":
                _logs[0]!["removed"] = true;
                break;
            case "topic_count":
                topics.Add(Word(1));
                break;
            case "topic":
                topics[0] = Word(1);
                break;
            case "padding":
                topics[1] = "0x1" + topics[1]!.GetValue<string>()[3..];
                break;
            default:
                _logs[0]!["data"] = Word(5_000_000) + "00";
                break;
        }
        await Refuses(IvxpErrors.PaymentNotVerified, "no_transfer");
    }

    [Fact]
    public async Task More_USDC_than_exist_is_a_lie_and_no_overflow()
    {
        _logs[0]!["data"] = "0x" + new string('f', 64);
        _logs.Add(Log(Client, Provider, 1));
        await Refuses(IvxpErrors.AmountMismatch, "amount_out_of_range");
    }

    [Fact]
    public async Task A_pending_transaction_is_looked_at_again_and_an_unknown_one_is_not_a_payment()
    {
        _node.Results["eth_getTransactionReceipt"] = () => null;
        (await Verify()).ShouldBe(new PaymentOutcome.NotYet("pending"));
        _node.Results["eth_getTransactionByHash"] = () => null;
        await Refuses(IvxpErrors.PaymentNotVerified, "not_found");
    }

    [Fact]
    public async Task A_block_that_a_reorganisation_replaced_decides_nothing()
    {
        _node.Results["eth_getBlockByNumber"] = () => null;
        (await Verify()).ShouldBe(new PaymentOutcome.NotYet("reorganised"));
        _node.Results["eth_getBlockByNumber"] = () => new JsonObject { ["number"] = "0x64", ["hash"] = Word(1), ["timestamp"] = "0x1" };
        (await Verify()).ShouldBe(new PaymentOutcome.NotYet("reorganised"));
    }

    [Theory]
    [InlineData("0x63", false)]
    [InlineData("0x64", false)]
    [InlineData("0x65", false)]
    [InlineData("0x66", true)]
    public async Task Three_confirmations_need_two_blocks_on_top(string head, bool enough)
    {
        _node.Results["eth_blockNumber"] = () => head;
        var outcome = await Verify(rule: PaymentRule.Default with { Confirmations = 3 });
        if (enough)
            outcome.ShouldBeOfType<PaymentOutcome.Verified>();
        else
            outcome.ShouldBe(new PaymentOutcome.NotYet("confirmations"));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-60, true)]
    [InlineData(-61, false)]
    public async Task The_blocks_time_is_judged_with_the_grace_and_not_the_proofs(int secondsLeft, bool inTime)
    {
        var outcome = await Verify(Claim with { PayUntil = BlockTime.AddSeconds(secondsLeft) });
        if (inTime)
            outcome.ShouldBeOfType<PaymentOutcome.Verified>();
        else
            outcome.ShouldBe(new PaymentOutcome.Refused(IvxpErrors.OrderExpired, "paid_late"));
    }

    [Fact]
    public async Task A_node_of_another_chain_is_never_believed()
    {
        _node.Results["eth_chainId"] = () => "0x1";
        (await Verify()).ShouldBe(new PaymentOutcome.Unavailable("wrong_chain"));
        _node.Asked.ShouldBe(["eth_chainId"]);
    }

    [Theory]
    [InlineData("eth_chainId")]
    [InlineData("eth_getTransactionReceipt")]
    [InlineData("eth_blockNumber")]
    [InlineData("eth_getBlockByNumber")]
    public async Task A_node_that_is_away_or_talks_nonsense_never_means_unpaid(string method)
    {
        foreach (var (answer, reason) in new (Func<ExchangeResponse>, string)[]
        {
            (() => throw new HttpRequestException("refused"), "unreachable"),
            (() => throw new TimeoutException(), "timeout"),
            (() => ScriptedNode.Response(503, ""), "http_503"),
            (() => ScriptedNode.Response(429, "{}"), "http_429"),
            (() => ScriptedNode.Response(200, """{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"limit"}}"""), "rpc_error"),
            (() => ScriptedNode.Response(200, "<html>"), "malformed"),
            (() => ScriptedNode.Response(200, "[]"), "malformed"),
            (() => ScriptedNode.Response(200, "{}"), "malformed"),
            (() => ScriptedNode.Response(200, """{"result":"0xzz"}"""), "malformed"),
            (() => ScriptedNode.Response(200, """{"result":{"status":"0x1"}}"""), "malformed"),
            (() => ScriptedNode.Response(200, """{"result":"\ud800"}"""), "malformed"),
            (() => ScriptedNode.Response(200, """{"result":7}"""), "malformed"),
        })
        {
            _node.Answers[method] = answer;
            (await Verify()).ShouldBe(new PaymentOutcome.Unavailable(reason), method);
        }
    }

    [Fact]
    public async Task A_block_beyond_the_calendar_is_nonsense()
    {
        foreach (var time in new[] { "0x7fffffffffff", "0x7fffffffffffffff", "0xffffffffffffffff" })
        {
            _node.Results["eth_getBlockByNumber"] = () => new JsonObject { ["number"] = "0x64", ["hash"] = BlockHash, ["timestamp"] = time };
            (await Verify()).ShouldBe(new PaymentOutcome.Unavailable("malformed"));
        }
    }

    [Fact]
    public async Task A_receipt_of_another_transaction_is_a_lie()
    {
        _receipt["transactionHash"] = Word(1);
        (await Verify()).ShouldBe(new PaymentOutcome.Unavailable("malformed"));
    }

    private static string Word(long number) => $"0x{number:x64}";

    private static JsonObject Log(EthereumAddress from, EthereumAddress to, long units) => new()
    {
        ["address"] = Network.Contract.ToChecksum(),
        ["topics"] = new JsonArray(TokenTransfer.Topic, TokenTransfer.Pad(from), TokenTransfer.Pad(to)),
        ["data"] = Word(units),
        ["removed"] = false,
    };

    private Task<PaymentOutcome> Verify(PaymentClaim? claim = null, PaymentRule? rule = null) =>
        new PaymentVerifier(new EthereumRpc(_node, new Uri("http://node.example/"), TimeSpan.FromSeconds(10)), rule ?? PaymentRule.Default).VerifyAsync(claim ?? Claim);

    private async Task Refuses(string code, string reason) => (await Verify()).ShouldBe(new PaymentOutcome.Refused(code, reason));
}
