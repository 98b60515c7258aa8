using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>The buyer's own receipt, which must stay the one that its provider has.</summary>
public sealed class ConfirmTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task The_first_receipt_stays_whatever_is_confirmed_later()
    {
        var provider = new SmallProvider(Speaks.Wire, _time);
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var bought = await stage.ThroughAsync(await stage.BuyAsync());
        await stage.Client.ConfirmAsync(bought.Id, 5);
        var first = await stage.ThroughAsync(bought);
        stage.Pass(TimeSpan.FromDays(1));
        var asked = provider.Asked.Count;

        var refused = await Should.ThrowAsync<PosthouseException>(() => stage.Client.ConfirmAsync(bought.Id, 3));
        await stage.Client.ConfirmAsync(bought.Id);
        await stage.Client.ConfirmAsync(bought.Id, 5);

        refused.Code.ShouldBe(ClientErrors.PurchaseState);
        refused.Message.ShouldStartWith("The order is confirmed with the rating 5, and the first receipt counts");
        var kept = await stage.ThroughAsync(bought);
        (kept.Rating, kept.ConfirmedAt, Convert.ToHexString(kept.Receipt!)).ShouldBe((5, first.ConfirmedAt, Convert.ToHexString(first.Receipt!)));
        provider.Asked.Count.ShouldBe(asked);
    }
}
