using System.Text;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Client;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>The provider's word on the chain, and the provider itself, whoever is first.</summary>
public sealed class ChainWatchTests
{
    private static readonly string Payment = "0x" + new string('a', 64);

    private readonly ManualTimeProvider _time = new();
    private readonly SmallChain _chain = new();
    private readonly SmallProvider _provider;
    private readonly List<ReadyNotice> _noticed = [];
    private bool _silent;
    private int _unready;

    public ChainWatchTests()
    {
        _provider = new SmallProvider(Speaks.Wire, _time) { Road = Road, WorkTakes = int.MaxValue };
        _chain.Mine(Payment);
    }

    [Fact]
    public async Task A_notice_has_the_result_collected_checked_and_confirmed_while_the_provider_says_nothing()
    {
        await using var stage = await StageAsync();
        var waiting = await WaitingAsync(stage);
        (_silent, _provider.Order(waiting.OrderId!)["status"]) = (true, "delivered");
        var following = FollowAsync(stage, waiting);
        await stage.UntilAsync(waiting, now => now.ChainCursor is not null);
        _chain.Announce(waiting.OrderId!, stage.Wallet.Address);

        await stage.ThroughAsync(waiting);
        var bought = await following;

        (bought.Status, bought.ConfirmedAt is not null, bought.Content is not null).ShouldBe(("client_confirmed", true, true));
        _noticed.ShouldAllBe(notice => notice.IsOf(waiting.OrderId!));
        _noticed.ShouldNotBeEmpty();
        _provider.Order(waiting.OrderId!)["receipt"].ShouldNotBeNull();
    }

    [Fact]
    public async Task The_watch_begins_at_the_payments_block_and_goes_on_where_it_was()
    {
        await using var stage = await StageAsync();
        var waiting = await WaitingAsync(stage);
        for (var more = 0; more < 40; more++)
            _chain.Mine($"0x{more:x64}");
        using var end = new CancellationTokenSource();
        var first = stage.Client.FollowOnChainAsync(waiting.Id, (_, _) => { }, _noticed.Add, end.Token);
        var cursor = (await stage.UntilAsync(waiting, now => now.ChainCursor is not null)).ChainCursor!.Value;
        await end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        _chain.Watched[0].ShouldBe(101);

        await stage.RestartAsync();
        _chain.Watched.Clear();
        var following = FollowAsync(stage, waiting);
        _provider.WorkTakes = 1;
        await stage.ThroughAsync(waiting);

        (await following).ConfirmedAt.ShouldNotBeNull();
        (_chain.Watched.Min(), cursor).ShouldBe((cursor, _chain.Head + 1 - 16));
    }

    [Fact]
    public async Task A_stranger_who_writes_a_notice_gains_nothing_and_the_wait_goes_on()
    {
        await using var stage = await StageAsync();
        var waiting = await WaitingAsync(stage);
        var following = FollowAsync(stage, waiting);
        _chain.Announce(waiting.OrderId!, stage.Wallet.Address);
        await stage.UntilAsync(waiting, _ => _unready > 0);

        _provider.WorkTakes = 1;
        await stage.ThroughAsync(waiting);

        (await following).Status.ShouldBe("client_confirmed");
    }

    [Fact]
    public async Task A_node_that_is_away_holds_up_nothing()
    {
        await using var stage = await StageAsync();
        var waiting = await WaitingAsync(stage);
        _chain.IsAway = true;
        var following = FollowAsync(stage, waiting);
        _provider.WorkTakes = 2;
        await stage.ThroughAsync(waiting);

        (await following).Content.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_result_that_is_here_already_is_confirmed()
    {
        _provider.WorkTakes = 0;
        await using var stage = await StageAsync();
        var bought = await stage.ThroughAsync(await stage.Client.BuyAsync(Request()));
        bought.ConfirmedAt.ShouldBeNull();

        var following = FollowAsync(stage, bought);
        await stage.UntilAsync(bought, now => now.ConfirmedAt is not null);

        (await following).Status.ShouldBe("client_confirmed");
    }

    [Fact]
    public async Task Without_a_node_or_with_one_of_another_chain_it_says_so()
    {
        await using var without = await PocketStage.StartAsync(_provider, _time);
        var known = await without.BuyAsync();
        (await Should.ThrowAsync<PosthouseException>(() => FollowAsync(without, known))).Code.ShouldBe(ErrorCodes.OptionsInvalid);

        await using var stage = await StageAsync();
        var waiting = await WaitingAsync(stage);
        _chain.ChainId = 1;
        (await Should.ThrowAsync<PosthouseException>(() => FollowAsync(stage, waiting))).Code.ShouldBe(ChainErrors.WrongChain);
    }

    private static PurchaseRequest Request() =>
        new(SmallProvider.Url, "echo", "hello", Posthouse.Ivxp.Protocol.UsdcAmount.FromUnits(5_000_000)) { TransactionHash = Payment };

    private Task<PocketStage> StageAsync() => PocketStage.StartAsync(new NodeBeside(_provider, _chain), _time, SmallChain.Url);

    private static async Task<Purchase> WaitingAsync(PocketStage stage) =>
        await stage.UntilAsync(await stage.Client.BuyAsync(Request()), now => now.Step is PurchaseStep.Wait);

    private Task<Purchase> FollowAsync(PocketStage stage, Purchase purchase) => stage.Client.FollowOnChainAsync(purchase.Id, (_, _) => { }, _noticed.Add);

    private ExchangeResponse Road(ExchangeRequest request, Func<ExchangeResponse> answer)
    {
        if (_silent && request.Uri.AbsolutePath.StartsWith("/ivxp/status/", StringComparison.Ordinal))
            return new ExchangeResponse(503, new Dictionary<string, string>(), Encoding.UTF8.GetBytes("{}"));
        var response = answer();
        _unready += response.StatusCode is 202 ? 1 : 0;
        return response;
    }
}
