using System.Text.Json.Nodes;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.Ivxp.Payments;

namespace Posthouse.Tests.Ivxp.Chain;

public sealed class ChainWalletTests
{
    private const long Gwei = GasFees.WeiPerGwei;
    private static readonly Wallet Wallet = Wallet.Create(new SeededIds(5), Secp256k1.Best);
    private static readonly EthereumAddress Provider = EthereumAddress.Parse("0x" + new string('2', 40));

    private readonly ScriptedNode _node = new();
    private readonly ChainWallet _chain;

    public ChainWalletTests()
    {
        _chain = new ChainWallet(new EthereumRpc(_node, new Uri("http://127.0.0.1/"), TimeSpan.FromSeconds(1)), Wallet, new FeeRule(5 * Gwei));
        _node.Results["eth_chainId"] = () => "0x14a34";
        _node.Results["eth_getTransactionCount"] = () => "0x7";
        _node.Results["eth_estimateGas"] = () => "0xea60";
        _node.Results["eth_feeHistory"] = () => new JsonObject { ["baseFeePerGas"] = new JsonArray(Wei(Gwei / 2), Wei(Gwei)) };
        _node.Results["eth_maxPriorityFeePerGas"] = () => Wei(Gwei / 10);
        _node.Results["eth_getTransactionReceipt"] = () => null;
        _node.Results["eth_getTransactionByHash"] = () => null;
    }

    [Fact]
    public async Task A_prepared_transfer_has_its_bytes_and_hash_and_nothing_was_sent()
    {
        var prepared = await PrepareAsync();

        prepared.ShouldBe(new DynamicFeeTransaction(84532, 7, new GasFees(2 * Gwei + Gwei / 10, Gwei / 10), 75_000, UsdcNetwork.BaseSepolia.Contract,
            ContractCall.Transfer(Provider, UsdcAmount.FromUnits(5_000_000))).Sign(Wallet));
        prepared.Hash.ShouldBe("0x" + Convert.ToHexStringLower(Keccak256.Hash(Convert.FromHexString(prepared.Raw[2..]))));
        _node.Asked.ShouldNotContain("eth_sendRawTransaction");
    }

    [Fact]
    public async Task What_was_prepared_and_may_not_have_reached_the_node_keeps_its_nonce()
    {
        (await PrepareAsync(after: 9)).Nonce.ShouldBe(10);
        (await PrepareAsync(after: 3)).Nonce.ShouldBe(7);
    }

    [Fact]
    public async Task Fees_never_exceed_the_cap_and_a_chain_above_it_is_waited_for()
    {
        _node.Results["eth_feeHistory"] = () => new JsonObject { ["baseFeePerGas"] = new JsonArray(Wei(0), Wei(4 * Gwei)) };
        (await PrepareAsync()).Fees.MaxFeePerGas.ShouldBe(5 * Gwei);
        _node.Results["eth_maxPriorityFeePerGas"] = () => Wei(long.MaxValue);
        (await PrepareAsync()).Fees.ShouldBe(new GasFees(5 * Gwei, 5 * Gwei));
        _node.Results["eth_feeHistory"] = () => new JsonObject { ["baseFeePerGas"] = new JsonArray(Wei(0), Wei(5 * Gwei + 1)) };
        (await Should.ThrowAsync<PosthouseException>(() => PrepareAsync())).Code.ShouldBe(ChainErrors.FeeAboveCap);
    }

    [Fact]
    public async Task A_replacement_has_the_same_nonce_and_fees_a_pool_takes_until_the_cap_ends_it()
    {
        var sent = await PrepareAsync();
        var stuck = sent;
        for (var times = 0; await ReplaceAsync(stuck) is { } higher; times++, stuck = higher)
        {
            times.ShouldBeLessThan(100);
            (higher.Nonce, higher.GasLimit).ShouldBe((sent.Nonce, sent.GasLimit));
            higher.Hash.ShouldNotBe(stuck.Hash);
            (higher.Fees.MaxFeePerGas * 10).ShouldBeGreaterThan(stuck.Fees.MaxFeePerGas * 11);
            (higher.Fees.MaxPriorityFeePerGas * 10).ShouldBeGreaterThan(stuck.Fees.MaxPriorityFeePerGas * 11);
            higher.Fees.MaxFeePerGas.ShouldBeLessThanOrEqualTo(5 * Gwei);
        }
        stuck.Hash.ShouldNotBe(sent.Hash);
    }

    [Fact]
    public async Task A_node_of_another_chain_is_never_given_a_signature()
    {
        _node.Results["eth_chainId"] = () => "0x1";
        (await Should.ThrowAsync<PosthouseException>(() => PrepareAsync())).Code.ShouldBe(ChainErrors.WrongChain);
    }

    [Fact]
    public async Task A_transfer_that_would_be_reverted_and_a_node_that_is_away_are_told_apart()
    {
        _node.Answers["eth_estimateGas"] = () => ScriptedNode.Response(200, Fault("execution reverted: ERC20: transfer amount exceeds balance"));
        var refused = await Should.ThrowAsync<PosthouseException>(() => PrepareAsync());
        (refused.Code, refused.Message.Contains("exceeds balance", StringComparison.Ordinal)).ShouldBe((ChainErrors.ChainRefused, true));
        _node.Answers["eth_estimateGas"] = () => ScriptedNode.Response(502, "");
        (await Should.ThrowAsync<PosthouseException>(() => PrepareAsync())).Code.ShouldBe(ChainErrors.ChainUnavailable);
    }

    [Theory]
    [InlineData("already known", SendOutcome.Taken)]
    [InlineData("ALREADY_EXISTS: already known", SendOutcome.Taken)]
    [InlineData("nonce too low: next nonce 8, tx nonce 7", SendOutcome.NonceUsed)]
    [InlineData("replacement transaction underpriced", SendOutcome.Underpriced)]
    [InlineData("insufficient funds for gas * price + value", SendOutcome.Refused)]
    public async Task A_nodes_sentence_says_what_became_of_the_transaction(string sentence, SendOutcome outcome)
    {
        var prepared = await PrepareAsync();
        _node.Answers["eth_sendRawTransaction"] = () => ScriptedNode.Response(200, Fault(sentence));
        (await _chain.SendAsync(prepared)).ShouldBe(new SendAnswer(outcome, sentence));
    }

    [Fact]
    public async Task A_lost_answer_says_nothing_and_the_same_bytes_may_go_again()
    {
        var prepared = await PrepareAsync();
        _node.Answers["eth_sendRawTransaction"] = () => ScriptedNode.Response(504, "");
        (await _chain.SendAsync(prepared)).Outcome.ShouldBe(SendOutcome.Unknown);
        _node.Answers["eth_sendRawTransaction"] = () => ScriptedNode.Response(200, $$"""{"jsonrpc":"2.0","id":1,"result":"{{prepared.Hash}}"}""");
        (await _chain.SendAsync(prepared)).Outcome.ShouldBe(SendOutcome.Taken);
    }

    [Fact]
    public async Task Only_a_final_transaction_of_the_same_nonce_displaces_a_prepared_one()
    {
        var prepared = await PrepareAsync();
        (await LookAsync(prepared)).ShouldBe(new TransactionFate(FateKind.Unknown, null));
        _node.Results["eth_getTransactionCount"] = () => "0x8";
        (await LookAsync(prepared)).ShouldBe(new TransactionFate(FateKind.Displaced, null));
        _node.Results["eth_getTransactionByHash"] = () => new JsonObject { ["hash"] = prepared.Hash, ["blockNumber"] = null };
        (await LookAsync(prepared)).ShouldBe(new TransactionFate(FateKind.Pending, null));
        _node.Results["eth_getTransactionReceipt"] = () => Receipt(prepared.Hash, "0x1");
        (await LookAsync(prepared)).ShouldBe(new TransactionFate(FateKind.Mined, 100));
        _node.Results["eth_getTransactionReceipt"] = () => Receipt(prepared.Hash, "0x0");
        (await LookAsync(prepared)).ShouldBe(new TransactionFate(FateKind.Reverted, 100));
    }

    private static string Fault(string sentence) =>
        new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["error"] = new JsonObject { ["code"] = -32000, ["message"] = sentence } }.ToJsonString();

    private static JsonObject Receipt(string hash, string status) => new()
    {
        ["transactionHash"] = hash,
        ["status"] = status,
        ["blockNumber"] = "0x64",
        ["blockHash"] = "0x" + new string('b', 64),
        ["logs"] = new JsonArray(),
    };

    private static string Wei(long wei) => $"0x{wei:x}";

    private Task<SignedTransaction> PrepareAsync(long? after = null) =>
        _chain.PrepareTransferAsync(UsdcNetwork.BaseSepolia, Provider, UsdcAmount.FromUnits(5_000_000), after);

    private Task<SignedTransaction?> ReplaceAsync(SignedTransaction stuck) => _chain.PrepareReplacementAsync(
        UsdcNetwork.BaseSepolia, UsdcNetwork.BaseSepolia.Contract, ContractCall.Transfer(Provider, UsdcAmount.FromUnits(5_000_000)), stuck);

    private Task<TransactionFate> LookAsync(SignedTransaction transaction) => _chain.LookAsync(transaction.Hash, transaction.Nonce);
}
