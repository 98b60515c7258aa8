using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Receipts;

public sealed class InboxTests
{
    private static SignedHeaders Signed(ProviderStage stage, Wallet? signer = null, string? provider = null, TimeSpan shift = default)
    {
        var at = WireTime.Write(stage.Time.GetUtcNow() + shift);
        var who = signer ?? stage.Client;
        var text = SignedText.Inbox.Build(new SignedFields("", Timestamp: at, Address: provider ?? stage.Wallet.Address.ToString()));
        return new SignedHeaders(who.Address.ToString(), at, who.Sign(text).ToString());
    }

    [Fact]
    public async Task A_client_lists_its_own_orders_page_by_page_and_then_what_changed()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var stranger = Wallet.Create(new SeededIds(7), Secp256k1.Best);
        var own = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            own.Add(await stage.QuoteAsync());
            await stage.QuoteAsync(client: stranger);
        }

        var seen = new List<string>();
        string? cursor = null;
        for (var page = 0; page < 3; page++)
        {
            var answer = (await stage.Get<Inbox>().AnswerAsync(Signed(stage), cursor, "2", null)).Answer.ShouldNotBeNull();
            seen.AddRange(answer.Orders.Select(order => order.OrderId));
            cursor = answer.NextCursor;
        }
        seen.ShouldBe(own);

        var empty = (await stage.Get<Inbox>().AnswerAsync(Signed(stage), cursor, null, null)).Answer.ShouldNotBeNull();
        (empty.Orders.Count, empty.NextCursor).ShouldBe((0, cursor));
        (await stage.ProveAsync(stage.Proof(own[1], await stage.PayAsync()))).Refusal.ShouldBeNull();
        var changed = (await stage.Get<Inbox>().AnswerAsync(Signed(stage), cursor, null, "1.0")).Answer!.Orders.ShouldHaveSingleItem();
        (changed.OrderId, changed.Status).ShouldBe((own[1], "paid"));
    }

    [Fact]
    public async Task A_wallet_proves_itself_to_this_provider_and_only_now()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        await stage.QuoteAsync();
        var stranger = Wallet.Create(new SeededIds(7), Secp256k1.Best);
        var good = Signed(stage);
        foreach (var (code, headers) in new[]
        {
            (IvxpErrors.SignatureInvalid, default),
            (IvxpErrors.SignatureInvalid, good with { Signature = null }),
            (IvxpErrors.SignatureInvalid, good with { Address = stranger.Address.ToString() }),
            (IvxpErrors.SignatureInvalid, Signed(stage, provider: stranger.Address.ToString())),
            (IvxpErrors.InvalidTimestamp, good with { Timestamp = "yesterday" }),
            (IvxpErrors.InvalidTimestamp, Signed(stage, shift: TimeSpan.FromSeconds(-301))),
            (IvxpErrors.InvalidTimestamp, Signed(stage, shift: TimeSpan.FromSeconds(61))),
        })
        {
            (await stage.Get<Inbox>().AnswerAsync(headers, null, null, null)).Refusal!.Code.ShouldBe(code);
        }
        (await stage.Get<Inbox>().AnswerAsync(Signed(stage, stranger), null, null, null)).Answer!.Orders.ShouldBeEmpty();
        (await stage.Get<Inbox>().AnswerAsync(Signed(stage, provider: stage.Wallet.Address.ToChecksum()), null, null, null)).Answer!.Orders.Count.ShouldBe(1);
        (await stage.Get<Inbox>().AnswerAsync(good, null, null, null)).Answer!.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("0", null)]
    [InlineData("101", null)]
    [InlineData("+5", null)]
    [InlineData("x", null)]
    [InlineData(null, "")]
    [InlineData(null, "42")]
    [InlineData(null, "__________8")]
    [InlineData(null, "AAAAAAAAACp")]
    public async Task A_limit_or_a_cursor_that_is_none_is_refused(string? limit, string? after)
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        (await stage.Get<Inbox>().AnswerAsync(Signed(stage), after, limit, null)).Refusal!.Code.ShouldBe(IvxpErrors.InvalidRequest);
    }

    [Fact]
    public void A_cursor_comes_back_as_the_position_it_was_made_of()
    {
        foreach (var position in new[] { 0, 1, 42, long.MaxValue })
        {
            Inbox.TryRead(Inbox.Write(position), out var read).ShouldBeTrue();
            read.ShouldBe(position);
        }
    }

    [Theory]
    [InlineData(IvxpProtocol.Version10)]
    [InlineData(IvxpProtocol.Version11)]
    public async Task A_service_may_demand_that_its_client_signs_a_download(string protocol)
    {
        await using var stage = await ProviderStage.StartAsync(options => options with
        {
            Services = [.. options.Services.Select(offer => offer with { SignedDownload = offer.Type == "text_echo" })],
        });
        var id = await stage.BuyAsync(protocol: protocol);
        await stage.UntilAsync(id, OrderState.ReadyForPickup);
        var show = stage.Get<ShowOrder>();

        (await show.DownloadAsync(id, null, default)).Refusal!.Code.ShouldBe(IvxpErrors.SignatureInvalid);
        (await show.DownloadAsync(id, null, stage.Signed(SignedText.Download, id, stage.Wallet))).Refusal!.Code.ShouldBe(IvxpErrors.SignatureInvalid);
        (await show.DownloadAsync(id, null, stage.Signed(SignedText.Redeliver, id))).Refusal!.Code.ShouldBe(IvxpErrors.SignatureInvalid);
        (await show.DownloadAsync(id, null, stage.Signed(SignedText.Download, id, shift: TimeSpan.FromMinutes(-6)))).Refusal!.Code.ShouldBe(IvxpErrors.InvalidTimestamp);
        (await show.DownloadAsync(id, null, stage.Signed(SignedText.Download, id))).Answer!.Content.ShouldNotBeNull();
        (await stage.Get<ShowReceipt>().AnswerAsync(id, default)).Refusal!.Code.ShouldBe(IvxpErrors.SignatureInvalid);
        (await stage.Get<ShowReceipt>().AnswerAsync(id, stage.Signed(SignedText.Download, id))).Answer.ShouldNotBeNull();
    }
}
