using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>What is acknowledged was kept, and what is kept was checked.</summary>
public sealed class PushInboxTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_push_is_acknowledged_when_it_is_stored_ends_the_waiting_and_may_come_again(bool asText)
    {
        var provider = new SmallProvider(Speaks.Wire, _time) { WorkTakes = int.MaxValue };
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var waiting = await stage.UntilAsync(await stage.BuyAsync(), now => now.ProvedAt is not null);
        var push = new IncomingPush(Message(waiting, asText: asText), "delivery-1");

        (await stage.Inbox.TakeAsync(push)).ShouldBe(PushAnswer.Kept);

        var kept = (await stage.Client.Book.GetAsync(waiting.Id)).ShouldNotBeNull();
        (Encoding.UTF8.GetString(kept.Content!), kept.DeliveryId, kept.Step).ShouldBe(("""{"text":"grüße"}""", "delivery-1", PurchaseStep.Through));
        (await stage.Inbox.TakeAsync(push)).ShouldBe(PushAnswer.Kept);
        (await stage.Inbox.TakeAsync(new IncomingPush(Message(waiting, text: "another"), "delivery-2"))).ShouldBe(PushAnswer.Kept);
        (await stage.Client.Book.GetAsync(waiting.Id))!.Content.ShouldBe(kept.Content);
    }

    [Theory]
    [InlineData("order")]
    [InlineData("hash")]
    [InlineData("seller")]
    [InlineData("nothing")]
    [InlineData("half a sign")]
    public async Task What_belongs_to_no_purchase_or_is_not_what_was_sold_is_refused_and_not_kept(string what)
    {
        var provider = new SmallProvider(Speaks.Wire, _time) { WorkTakes = int.MaxValue };
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var waiting = await stage.UntilAsync(await stage.BuyAsync(), now => now.ProvedAt is not null);
        var body = what switch
        {
            "order" => Message(waiting with { OrderId = "ivxp-00000000-0000-4000-8000-000000000000" }),
            "hash" => Message(waiting, hash: new string('0', 64)),
            "seller" => Message(waiting with { Provider = stage.Wallet.Address }),
            "half a sign" => """{"\ud800":1}"""u8.ToArray(),
            _ => "[]"u8.ToArray(),
        };

        (await stage.Inbox.TakeAsync(new IncomingPush(body))).ShouldBe(PushAnswer.Refused);

        (await stage.Client.Book.GetAsync(waiting.Id))!.Content.ShouldBeNull();
    }

    [Theory]
    [InlineData("right", PushAnswer.Kept)]
    [InlineData("none", PushAnswer.Refused)]
    [InlineData("wrong", PushAnswer.Refused)]
    [InlineData("old", PushAnswer.Refused)]
    public async Task Where_the_seller_told_a_secret_a_push_carries_its_signature(string what, PushAnswer expected)
    {
        var provider = new SmallProvider(Speaks.Wire, _time) { WorkTakes = int.MaxValue };
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var waiting = await stage.UntilAsync(await stage.BuyAsync(), now => now.ProvedAt is not null);
        var key = Encoding.ASCII.GetBytes("a key of some thirty-two bytes..");
        await stage.Client.Book.ChangeAsync(waiting.Id, (now, _) => now with { WebhookSecret = "whsec_" + Convert.ToBase64String(key) });
        var body = Message(waiting);
        var stamp = (_time.GetUtcNow() - (what == "old" ? TimeSpan.FromMinutes(6) : default)).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"msg-1.{stamp}."), .. body, .. what == "wrong" ? "x"u8.ToArray() : []];
        var mac = HMACSHA256.HashData(key, signed);

        (await stage.Inbox.TakeAsync(what == "none" ? new IncomingPush(body) : new IncomingPush(body, "d", "msg-1", stamp, "v1,b3RoZXI= v1," + Convert.ToBase64String(mac)))).ShouldBe(expected);
    }

    [Fact]
    public async Task A_store_that_cannot_write_is_not_acknowledged()
    {
        var provider = new SmallProvider(Speaks.Wire, _time) { WorkTakes = int.MaxValue };
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var waiting = await stage.UntilAsync(await stage.BuyAsync(), now => now.ProvedAt is not null);
        var full = new PushInbox(new PurchaseBook(new FullStore((IStore)stage.Jobs)), Posthouse.Ivxp.Signing.Secp256k1.Best, _time);

        (await full.TakeAsync(new IncomingPush(Message(waiting)))).ShouldBe(PushAnswer.NotSaved);

        (await stage.Client.Book.GetAsync(waiting.Id))!.Content.ShouldBeNull();
    }

    private static byte[] Message(Purchase purchase, string text = "grüße", string? hash = null, bool asText = false)
    {
        var content = $$"""{"text":"{{text}}"}""";
        var body = new JsonObject
        {
            ["protocol"] = "IVXP/1.0",
            ["order_id"] = purchase.OrderId,
            ["provider_agent"] = new JsonObject { ["name"] = "Small", ["wallet_address"] = purchase.Provider.ToString() },
            ["deliverable"] = new JsonObject { ["type"] = "echo", ["format"] = "json", ["content"] = asText ? content : JsonNode.Parse(content) },
            ["content_hash"] = hash ?? "sha256:" + ContentHash.OfText(content),
        };
        return Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    private sealed class FullStore(IStore inner) : IStore
    {
        public Task<T> WriteAsync<T>(Func<IWrite, T> change) => Task.FromException<T>(new PosthouseException(ErrorCodes.StoreFull, "The disk is full."));

        public Task<T> ReadAsync<T>(Func<IRead, T> read) => inner.ReadAsync(read);
    }
}
