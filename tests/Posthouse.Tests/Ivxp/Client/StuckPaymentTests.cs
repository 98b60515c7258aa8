using System.Text;
using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Client;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>A payment that no block takes is sent again with higher fees, and whichever of them is mined pays.</summary>
public sealed class StuckPaymentTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly SmallChain _chain = new();
    private readonly SmallProvider _provider;

    public StuckPaymentTests() => _provider = new SmallProvider(Speaks.Wire, _time) { Road = Judge };

    [Fact]
    public async Task A_stuck_payment_is_replaced_under_its_own_nonce_with_bytes_that_were_stored_before()
    {
        await using var stage = await StageAsync();
        var begun = await stage.BuyAsync();
        var first = await stage.UntilAsync(begun, now => now.Status == "payment_pending");
        _chain.BaseFee = 1 * GasFees.WeiPerGwei;

        var second = await stage.UntilAsync(begun, now => now.Replaced is not null);
        await stage.RestartAsync();
        await stage.UntilAsync(begun, now => _chain.Sent.Contains(second.RawTransaction!));
        _chain.Mine(second.TransactionHash!);
        var bought = await stage.ThroughAsync(begun);

        (second.Nonce, second.Replaced).ShouldBe((first.Nonce, first.TransactionHash));
        second.Fees!.Value.MaxFeePerGas.ShouldBeInRange(first.Fees!.Value.MaxFeePerGas * 9 / 8, FeeRule.Default.MaxFeePerGas);
        (_chain.Sent[0], bought.TransactionHash).ShouldBe((first.RawTransaction, second.TransactionHash));
        _provider.Order(bought.OrderId!)["tx"]!.GetValue<string>().ShouldBe(second.TransactionHash);
    }

    [Fact]
    public async Task If_the_block_takes_the_replaced_one_after_all_that_one_is_proved()
    {
        await using var stage = await StageAsync();
        var begun = await stage.BuyAsync();
        var second = await stage.UntilAsync(begun, now => now.Replaced is not null && _chain.Sent.Contains(now.RawTransaction!));
        _chain.Mine(second.Replaced!);

        var bought = await stage.ThroughAsync(begun);

        bought.TransactionHash.ShouldBe(second.Replaced);
        _provider.Order(bought.OrderId!)["tx"]!.GetValue<string>().ShouldBe(second.Replaced);
    }

    [Fact]
    public async Task At_the_cap_nothing_is_replaced_and_what_the_node_forgot_is_sent_again_as_it_was()
    {
        _chain.BaseFee = FeeRule.Default.MaxFeePerGas;
        await using var stage = await StageAsync();
        var begun = await stage.BuyAsync();
        var first = await stage.UntilAsync(begun, now => now.Status == "payment_pending");
        _chain.Forget();

        await stage.UntilAsync(begun, _ => _chain.Sent.Count > 1);
        _chain.Mine(first.TransactionHash!);
        (await stage.ThroughAsync(begun)).Replaced.ShouldBeNull();

        _chain.Sent.Distinct().ShouldBe([first.RawTransaction]);
    }

    private Task<PocketStage> StageAsync() => PocketStage.StartAsync(new NodeBeside(_provider, _chain), _time, SmallChain.Url);

    /// <summary>A provider that has no development chain and takes what is in a block alone.</summary>
    private ExchangeResponse Judge(ExchangeRequest request, Func<ExchangeResponse> answer)
    {
        if (request.Uri.AbsolutePath == "/dev/chain")
            return Response(404, "{}");
        if (request.Uri.AbsolutePath != "/ivxp/deliver")
            return answer();
        using var proof = JsonDocument.Parse(request.Body);
        return _chain.IsMined(proof.RootElement.GetProperty("payment_proof").GetProperty("tx_hash").GetString()!)
            ? answer()
            : Response(402, """{"error":"PAYMENT_NOT_VERIFIED","message":"Not yet.","details":{"reason":"pending"}}""");
    }

    private static ExchangeResponse Response(int status, string body) => new(status, new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body));
}
