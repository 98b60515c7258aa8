using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Chain;

/// <summary>When a notice on the chain is due. What becomes of it is shown on a real chain by the system tests.</summary>
public sealed class AnnounceReadyTests
{
    private static readonly ContractOptions Contract = new(EthereumAddress.Parse("0x" + new string('c', 40)));

    [Fact]
    public async Task A_result_that_nobody_is_pushed_to_is_announced_once()
    {
        await using var stage = await StartAsync(Contract);
        await stage.UntilAsync(await stage.BuyAsync(), OrderState.ReadyForPickup);
        (await AnnouncedAsync(stage)).ShouldBe(1);
    }

    [Fact]
    public async Task A_client_whose_endpoint_is_away_is_told_once_however_many_pushes_fail()
    {
        await using var stage = await StartAsync(Contract);
        var order = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.PassUntilAsync(order, o => o.PushAttempts == 3);
        (await AnnouncedAsync(stage)).ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_took_the_push_is_not_told()
    {
        await using var stage = await StartAsync(Contract);
        stage.Inbox.Answer = () => InboxWire.Response(200);
        await stage.UntilAsync(await stage.BuyAsync(endpoint: ProviderStage.Endpoint), OrderState.Posted);
        (await AnnouncedAsync(stage)).ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_contract_nothing_is_said_on_the_chain()
    {
        await using var stage = await StartAsync(null);
        await stage.UntilAsync(await stage.BuyAsync(), OrderState.ReadyForPickup);
        (await AnnouncedAsync(stage)).ShouldBe(0);
    }

    private static Task<ProviderStage> StartAsync(ContractOptions? contract) => ProviderStage.StartAsync(options => options with { Contract = contract });

    private static Task<long> AnnouncedAsync(ProviderStage stage) =>
        stage.Store.ReadAsync(read => read.Scalar("SELECT COUNT(*) FROM job WHERE name = 'ivxp.announce'"));
}
