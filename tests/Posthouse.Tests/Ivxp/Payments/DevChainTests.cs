using System.Text;
using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Ivxp.Payments;

public sealed class DevChainTests : IDisposable
{
    private const string Client = "0x1111111111111111111111111111111111111111";
    private const string Provider = "0x2222222222222222222222222222222222222222";
    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly SqliteDatabase _db;
    private readonly DevChain _chain;

    public DevChainTests()
    {
        _db = SqliteDatabase.Open(_folder.File("chain.db"), readOnly: false);
        SchemaParts.Apply(_db, _db.Path, [DevChain.Schema]);
        _chain = new DevChain(UsdcNetwork.BaseSepolia, _time, new SeededIds(11));
    }

    public void Dispose()
    {
        _db.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_payment_of_the_development_chain_is_verified_by_the_one_verifier()
    {
        var hash = Pay("\"12.5\"");
        var paidAt = _time.GetUtcNow();
        var claim = new PaymentClaim(UsdcNetwork.BaseSepolia, hash, EthereumAddress.Parse(Client), EthereumAddress.Parse(Provider), UsdcAmount.FromUnits(12_500_000), paidAt);
        var verifier = new PaymentVerifier(new EthereumRpc(new Wire(this), new Uri("http://127.0.0.1/dev/chain"), TimeSpan.FromSeconds(1)), PaymentRule.Default);

        (await verifier.VerifyAsync(claim)).ShouldBe(new PaymentOutcome.Verified(claim.Price, claim.Payer, paidAt, 1));
        (await verifier.VerifyAsync(claim with { Price = UsdcAmount.FromUnits(12_500_001) })).ShouldBe(new PaymentOutcome.Refused(IvxpErrors.AmountMismatch, "underpaid"));
        (await verifier.VerifyAsync(claim with { Payer = claim.Recipient })).ShouldBeOfType<PaymentOutcome.Refused>();
        (await verifier.VerifyAsync(claim with { Network = UsdcNetwork.BaseMainnet })).ShouldBe(new PaymentOutcome.Unavailable("wrong_chain"));
        (await verifier.VerifyAsync(claim with { TransactionHash = "0x" + new string('0', 64) })).ShouldBe(new PaymentOutcome.Refused(IvxpErrors.PaymentNotVerified, "not_found"));
    }

    [Fact]
    public void Each_payment_is_a_block_of_its_own_that_names_the_one_before_and_is_never_older()
    {
        var first = Pay("5");
        _time.JumpWallClock(TimeSpan.FromHours(-1));
        var second = Pay("5");
        second.ShouldNotBe(first);
        Result("eth_blockNumber", "[]").GetString().ShouldBe("0x2");
        var genesis = Result("eth_getBlockByNumber", "[\"earliest\",false]");
        var one = Result("eth_getBlockByNumber", "[\"0x1\",false]");
        var two = Result("eth_getBlockByNumber", "[\"latest\",true]");
        genesis.GetProperty("number").GetString().ShouldBe("0x0");
        one.GetProperty("parentHash").GetString().ShouldBe(genesis.GetProperty("hash").GetString());
        two.GetProperty("parentHash").GetString().ShouldBe(one.GetProperty("hash").GetString());
        two.GetProperty("timestamp").GetString().ShouldBe(one.GetProperty("timestamp").GetString());
        one.GetProperty("transactions")[0].GetString().ShouldBe(first);
        two.GetProperty("transactions")[0].GetProperty("hash").GetString().ShouldBe(second);
        Result("eth_getBlockByNumber", "[\"0x3\",false]").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public void A_transaction_is_a_call_of_transfer_on_the_USDC_contract()
    {
        var hash = Pay("0.000001");
        var transaction = Result("eth_getTransactionByHash", $"[\"{hash.ToUpperInvariant().Replace("0X", "0x", StringComparison.Ordinal)}\"]");
        transaction.GetProperty("to").GetString().ShouldBe(UsdcNetwork.BaseSepolia.Contract.ToString());
        transaction.GetProperty("input").GetString().ShouldBe($"0xa9059cbb{new string('0', 24)}{Provider[2..]}{1:x64}");
        var receipt = Result("eth_getTransactionReceipt", $"[\"{hash}\"]");
        receipt.GetProperty("logs")[0].GetProperty("data").GetString().ShouldBe($"0x{1:x64}");
        receipt.GetProperty("logsBloom").GetString()!.Length.ShouldBe(514);
        receipt.GetProperty("logsBloom").GetString()!.ShouldContain("1");
    }

    [Fact]
    public void The_chain_survives_a_restart()
    {
        var hash = Pay("5");
        var again = new DevChain(UsdcNetwork.BaseSepolia, _time, new SeededIds(12));
        using var answer = JsonDocument.Parse(again.Answer(_db, Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionReceipt","params":["{{hash}}"]}""")));
        answer.RootElement.GetProperty("result").GetProperty("transactionHash").GetString().ShouldBe(hash);
    }

    [Theory]
    [InlineData("{", -32700)]
    [InlineData("", -32700)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"eth_chainId","\ud800 param":1}""", -32700)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"dev_pay","params":[{"\udc00":1}]}""", -32700)]
    [InlineData("7", -32600)]
    [InlineData("[]", -32600)]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[]}""", -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"\ud800"}""", -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionReceipt"}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionReceipt","params":{"a":1}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionByHash","params":["0x12"]}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["newest"]}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["\ud800"]}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"dev_pay","params":[{}]}""", -32602)]
    public void A_wrong_call_is_answered_with_the_code_of_JSON_RPC(string request, int code)
    {
        var answer = Ask(request);
        answer.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(code);
        answer.GetProperty("error").GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        answer.TryGetProperty("result", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(Client, Provider, "0")]
    [InlineData(Client, Provider, "-5")]
    [InlineData(Client, Provider, "5.0000001")]
    [InlineData(Client, Provider, "\"five\"")]
    [InlineData(Client, Provider, "null")]
    [InlineData("0x0000000000000000000000000000000000000000", Provider, "5")]
    [InlineData(Client, "0x2", "5")]
    public void A_payment_that_cannot_be_is_refused_and_seals_no_block(string from, string to, string amount)
    {
        Ask(PayCall(from, to, amount)).GetProperty("error").GetProperty("code").GetInt32().ShouldBe(-32602);
        Result("eth_blockNumber", "[]").GetString().ShouldBe("0x0");
    }

    [Fact]
    public void A_batch_is_answered_call_by_call_and_notifications_not_at_all()
    {
        const string Notification = """{"jsonrpc":"2.0","method":"eth_chainId"}""";
        var answers = Ask($$"""[{"jsonrpc":"2.0","id":"a","method":"eth_chainId"},{{Notification}},7,{"jsonrpc":"2.0","id":null,"method":"nothing"}]""");
        answers.GetArrayLength().ShouldBe(3);
        answers[0].GetProperty("id").GetString().ShouldBe("a");
        answers[0].GetProperty("result").GetString().ShouldBe("0x14a34");
        answers[1].GetProperty("error").GetProperty("code").GetInt32().ShouldBe(-32600);
        answers[2].GetProperty("error").GetProperty("code").GetInt32().ShouldBe(-32601);
        Answer(Notification).ShouldBeEmpty();
        Answer($"[{Notification},{Notification}]").ShouldBeEmpty();
        Ask($"[{string.Join(',', Enumerable.Repeat(Notification, 101))}]").GetProperty("error").GetProperty("code").GetInt32().ShouldBe(-32600);
    }

    [Fact]
    public void Half_a_sign_in_one_call_of_a_batch_leaves_the_payments_beside_it_answered()
    {
        var answers = Ask($$"""[{{PayCall(Client, Provider, "5")}},{"\ud800 version":1},{{PayCall(Client, Provider, "6")}}]""");
        answers.GetArrayLength().ShouldBe(3);
        answers[1].GetProperty("error").GetProperty("code").GetInt32().ShouldBe(-32700);
        answers[2].GetProperty("result").GetString().ShouldNotBe(answers[0].GetProperty("result").GetString());
        Result("eth_blockNumber", "[]").GetString().ShouldBe("0x2");
    }

    private static string PayCall(string from, string to, string amount) =>
        $$"""{"jsonrpc":"2.0","id":1,"method":"dev_pay","params":[{"from":"{{from}}","to":"{{to}}","amount_usdc":{{amount}}}]}""";

    private string Pay(string amount) => Ask(PayCall(Client, Provider, amount)).GetProperty("result").GetString()!;

    private JsonElement Result(string method, string args) => Ask($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{args}}}""").GetProperty("result");

    private JsonElement Ask(string request) => JsonDocument.Parse(Answer(request)).RootElement;

    private byte[] Answer(string request) => _chain.Answer(_db, Encoding.UTF8.GetBytes(request));

    /// <summary>The development chain as the one behind a URL.</summary>
    private sealed class Wire(DevChainTests chain) : IExchange
    {
        public Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ExchangeResponse(200, new Dictionary<string, string>(), chain._chain.Answer(chain._db, request.Body)));
    }
}
