using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Client;
using Posthouse.Tests.Ivxp.Payments;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>Payments from the wallet through a node: signed once, written down, and only those bytes ever sent.</summary>
public sealed class WalletPaymentTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_payment_whose_answer_was_lost_is_sent_again_as_the_very_same_bytes()
    {
        var provider = new SmallProvider(Speaks.Wire, _time) { Road = (request, answer) => request.Uri.AbsolutePath == "/dev/chain" ? Response(404, "{}") : answer() };
        var node = new Node();
        await using var stage = await PocketStage.StartAsync(new Fork(provider, node), _time, Node.Url);

        var begun = await stage.BuyAsync();
        var signed = await stage.UntilAsync(begun, _ => node.Sent.Count >= 2);
        await stage.RestartAsync();
        node.LosesAnswers = false;
        var bought = await stage.ThroughAsync(begun);

        signed.RawTransaction.ShouldNotBeNull();
        node.Sent.Count.ShouldBeGreaterThan(2);
        node.Sent.Distinct().ShouldBe([signed.RawTransaction]);
        (bought.TransactionHash, bought.Content is not null).ShouldBe((signed.TransactionHash, true));
        provider.Order(bought.OrderId!)["tx"]!.GetValue<string>().ShouldBe(signed.TransactionHash);
    }

    [Fact]
    public async Task A_node_that_is_away_is_no_payment_that_failed()
    {
        var provider = new SmallProvider(Speaks.Wire, _time) { Road = (request, answer) => request.Uri.AbsolutePath == "/dev/chain" ? Response(404, "{}") : answer() };
        var node = new Node { IsAway = true };
        await using var stage = await PocketStage.StartAsync(new Fork(provider, node), _time, Node.Url);
        var begun = await stage.BuyAsync();
        await stage.UntilAsync(begun, _ => node.Asked > 5);
        (node.IsAway, node.LosesAnswers) = (false, false);

        (await stage.ThroughAsync(begun)).Content.ShouldNotBeNull();

        node.Sent.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_node_a_person_pays_and_gives_the_transaction()
    {
        var provider = new SmallProvider(Speaks.Wire, _time) { Road = (request, answer) => request.Uri.AbsolutePath == "/dev/chain" ? Response(404, "{}") : answer() };
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var stopped = await stage.StoppedAsync(await stage.BuyAsync());

        stopped.FailureCode.ShouldBe(ClientErrors.PaymentNeeded);
        await stage.Client.ResumeAsync(stopped.Id, "0x" + new string('A', 64));
        (await stage.ThroughAsync(stopped)).TransactionHash.ShouldBe("0x" + new string('a', 64));
    }

    private static ExchangeResponse Response(int status, string body) => new(status, new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body));

    private sealed class Fork(IExchange provider, IExchange node) : IExchange
    {
        public Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default) =>
            (request.Uri.Host == Node.Url.Host ? node : provider).SendAsync(request, cancellationToken);
    }

    private sealed class Node : IExchange
    {
        private readonly ScriptedNode _script = new();

        public Node()
        {
            _script.Results["eth_chainId"] = () => "0x14a34";
            _script.Results["eth_feeHistory"] = () => new JsonObject { ["baseFeePerGas"] = new JsonArray("0x64", "0x64") };
            _script.Results["eth_maxPriorityFeePerGas"] = () => "0x1";
            _script.Results["eth_getTransactionCount"] = () => "0x7";
            _script.Results["eth_estimateGas"] = () => "0xc350";
            _script.Results["eth_sendRawTransaction"] = () => "0x" + new string('1', 64);
        }

        public static Uri Url { get; } = new("http://node.example/");

        public bool LosesAnswers { get; set; } = true;

        public bool IsAway { get; set; }

        public int Asked { get; private set; }

        public List<string> Sent { get; } = [];

        public async Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
        {
            Asked++;
            if (IsAway)
                throw new HttpRequestException(HttpRequestError.ConnectionError, "no route");
            var answer = await _script.SendAsync(request, cancellationToken);
            using var call = JsonDocument.Parse(request.Body);
            if (call.RootElement.GetProperty("method").GetString() != "eth_sendRawTransaction")
                return answer;
            Sent.Add(call.RootElement.GetProperty("params")[0].GetString()!);
            return LosesAnswers ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "broke off") : answer;
        }
    }
}
