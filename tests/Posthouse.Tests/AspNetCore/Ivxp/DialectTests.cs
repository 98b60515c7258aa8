using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Tests.AspNetCore.Ivxp;

/// <summary>Each dialect buys and collects in its own shapes; what each of its readers would fail on is asserted.</summary>
public sealed class DialectTests : IAsyncLifetime
{
    private ProviderSite _site = null!;

    public async ValueTask InitializeAsync() => _site = await ProviderSite.StartAsync();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_workflow_client_pays_waits_in_the_words_of_1_0_and_downloads_with_404_until_it_is_there()
    {
        var order = await _site.QuoteAsync("slow");
        var transaction = await _site.PayAsync("1");
        (await _site.SendAsync("GET", $"/ivxp/orders/{order}/deliverable")).ShouldSatisfyAllConditions(
            early => early.Status.ShouldBe(404), early => early.Code.ShouldBe("DELIVERABLE_NOT_READY"));

        var accepted = await _site.SendAsync("POST", $"/ivxp/orders/{order}/payment", Workflow(order, transaction));

        accepted.Status.ShouldBe(200, accepted.Body.ToString());
        (accepted.Text("status"), accepted.Text("order_id")).ShouldBe(("accepted", order));
        accepted.Text("message").ShouldNotBeEmpty();
        accepted.Text("stream_url").ShouldBe($"http://localhost/ivxp/stream/{order}");
        var status = await _site.UntilAsync($"/ivxp/orders/{order}", "delivered");
        status.Body.GetProperty("price_usdc").GetDecimal().ShouldBe(1);
        status.Text("service_type").ShouldBe("slow");
        var delivery = await _site.SendAsync("GET", $"/ivxp/orders/{order}/deliverable");
        (delivery.Status, delivery.Text("status"), delivery.Text("protocol"), delivery.Text("order_id")).ShouldBe((200, "completed", "IVXP/1.0", order));
        delivery.Body.GetProperty("deliverable").GetProperty("content").GetProperty("text").GetString().ShouldBe("größe");
    }

    [Fact]
    public async Task A_browser_proves_who_it_is_and_checks_the_flat_content_against_the_hash()
    {
        var order = await _site.QuoteAsync();
        var transaction = await _site.PayAsync();

        var accepted = await _site.SendAsync("POST", $"/ivxp/orders/{order}/delivery", Hub(order, transaction));

        accepted.Status.ShouldBe(200, accepted.Body.ToString());
        await _site.UntilAsync($"/ivxp/orders/{order}", "delivered");
        var delivery = await _site.SendAsync("GET", $"/ivxp/orders/{order}/deliverable");
        var raw = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(delivery.Text("content"))));
        delivery.Text("content_hash").ShouldBe("sha256:" + raw);
        (delivery.Text("content"), delivery.Text("content_type")).ShouldBe(("{\"text\":\"größe\"}", "application/json"));
    }

    [Fact]
    public async Task A_browser_that_falls_back_to_deliver_is_understood_in_its_own_shape_and_in_the_wires()
    {
        var first = await _site.QuoteAsync();
        (await _site.SendAsync("POST", "/ivxp/deliver", Hub(first, await _site.PayAsync()))).Status.ShouldBe(200);

        var second = await _site.QuoteAsync();
        var transaction = await _site.PayAsync();
        var text = Identity(second, Unix(TimeProvider.System.GetUtcNow()));
        var accepted = await _site.SendAsync("POST", "/ivxp/deliver", new
        {
            protocol = "IVXP/1.0",
            message_type = "delivery_request",
            timestamp = ProviderSite.Now(),
            order_id = second,
            payment_proof = new { tx_hash = transaction, from_address = _site.Buyer.Address.ToString(), network = "base-sepolia" },
            signature = _site.Sign(text),
            signed_message = text,
        });
        accepted.Status.ShouldBe(200, accepted.Body.ToString());
    }

    [Fact]
    public async Task An_old_Python_client_signs_without_0x_writes_microseconds_and_names_its_own_machine()
    {
        var order = await _site.QuoteAsync();
        var stamp = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

        var accepted = await _site.DeliverAsync(order, await _site.PayAsync(), text => _site.Sign(text)[2..], stamp);

        accepted.Status.ShouldBe(200, accepted.Body.ToString());
        await _site.UntilAsync($"/ivxp/status/{order}", "delivered");
        (await _site.SendAsync("GET", $"/ivxp/download/{order}")).Body.GetProperty("deliverable").GetProperty("content").GetProperty("text").GetString().ShouldBe("größe");
    }

    [Fact]
    public async Task The_flat_dialect_is_an_option_with_its_own_shapes_hash_and_errors()
    {
        await using var flat = await ProviderSite.StartAsync(options => options with { FlatDialect = true });
        var order = await flat.QuoteAsync();
        (await flat.DeliverAsync(order, await flat.PayAsync())).Status.ShouldBe(200);

        var status = await flat.UntilAsync($"/ivxp/status/{order}", "delivered");
        status.Text("service").ShouldBe("text_echo");
        status.Body.TryGetProperty("price_usdc", out _).ShouldBeFalse();
        status.Text("status_v11").ShouldBe("ready_for_pickup");
        var delivery = await flat.SendAsync("GET", $"/ivxp/download/{order}");
        delivery.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["order_id", "content", "content_type", "content_hash"]);
        delivery.Text("content_hash").ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(delivery.Text("content")))));
        status.Text("content_hash").ShouldBe(delivery.Text("content_hash"));
        (await flat.SendAsync("GET", "/ivxp/status/ivxp-1")).Code.ShouldBe("Order not found");
        (await flat.SendAsync("GET", "/ivxp/orders/ivxp-1")).Code.ShouldBe("ORDER_NOT_FOUND");
    }

    [Fact]
    public async Task An_order_of_version_1_1_is_shown_in_1_0_to_workflow_clients_and_as_each_reader_wishes()
    {
        var order = await _site.QuoteAsync(protocol: "IVXP/1.1");
        (await _site.DeliverAsync(order, await _site.PayAsync(), endpoint: "http://127.0.0.1:1/")).Status.ShouldBe(200);
        await _site.UntilAsync($"/ivxp/status/{order}", "ready_for_pickup");

        (await _site.SendAsync("GET", $"/ivxp/orders/{order}")).Text("status").ShouldBe("delivered");
        (await _site.SendAsync("GET", $"/ivxp/orders/{order}", null, ("IVXP-Version", "1.1"))).Text("status").ShouldBe("ready_for_pickup");
        (await _site.SendAsync("GET", $"/ivxp/status/{order}", null, ("IVXP-Version", "1.0"))).ShouldSatisfyAllConditions(
            answer => answer.Text("status").ShouldBe("delivered"),
            answer => answer.Text("status_v11").ShouldBe("ready_for_pickup"),
            answer => answer.Header("IVXP-Version").ShouldBe("1.0"));
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("IVXP/1.1")]
    [InlineData("1.1, 1.0")]
    public async Task A_wish_for_no_version_that_there_is_changes_no_view(string wish)
    {
        var order = await _site.QuoteAsync(protocol: "IVXP/1.1");
        (await _site.DeliverAsync(order, await _site.PayAsync(), endpoint: "http://127.0.0.1:1/")).Status.ShouldBe(200);
        await _site.UntilAsync($"/ivxp/status/{order}", "ready_for_pickup");

        (await _site.SendAsync("GET", $"/ivxp/orders/{order}", null, ("IVXP-Version", wish))).Text("status").ShouldBe("delivered");
        (await _site.SendAsync("GET", $"/ivxp/status/{order}", null, ("IVXP-Version", wish))).Text("status").ShouldBe("ready_for_pickup");
    }

    [Fact]
    public async Task The_first_accepted_answer_alone_tells_the_secret_and_links_follow_the_public_address()
    {
        await using var site = await ProviderSite.StartAsync(options => options with { PublicUrl = new Uri("https://provider.example/shop/") });
        var order = await site.QuoteAsync();
        var transaction = await site.PayAsync();

        var first = await site.DeliverAsync(order, transaction);
        var again = await site.DeliverAsync(order, transaction);

        var secret = first.Text("webhook_secret");
        secret.ShouldStartWith("whsec_");
        Convert.FromBase64String(secret["whsec_".Length..]).Length.ShouldBe(24);
        first.Text("stream_url").ShouldBe($"https://provider.example/shop/ivxp/stream/{order}");
        again.Status.ShouldBe(200);
        again.Body.TryGetProperty("webhook_secret", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_message_that_names_another_order_than_its_path_is_refused()
    {
        var (order, other, transaction) = (await _site.QuoteAsync(), await _site.QuoteAsync(), await _site.PayAsync());
        (await _site.SendAsync("POST", $"/ivxp/orders/{other}/payment", Workflow(order, transaction))).ShouldSatisfyAllConditions(
            answer => answer.Status.ShouldBe(400), answer => answer.Code.ShouldBe(IvxpErrors.InvalidRequest));
        (await _site.SendAsync("POST", $"/ivxp/orders/{other}/delivery", Hub(order, transaction))).Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_browsers_time_counts_too()
    {
        var (order, transaction) = (await _site.QuoteAsync(), await _site.PayAsync());
        foreach (var off in new[] { -301, 65 })
        {
            var late = await _site.SendAsync("POST", $"/ivxp/orders/{order}/delivery", Hub(order, transaction, TimeProvider.System.GetUtcNow().AddSeconds(off)));
            (late.Status, late.Code).ShouldBe((400, "INVALID_TIMESTAMP"));
        }
    }

    [Fact]
    public async Task The_catalog_says_what_the_provider_can()
    {
        var catalog = await _site.SendAsync("GET", "/ivxp/catalog");
        catalog.Body.GetProperty("capabilities").EnumerateArray().Select(word => word.GetString()).ShouldBe(["sse", "ivxp/1.1", "receipts"]);
    }

    private object Workflow(string order, string transaction)
    {
        var timestamp = ProviderSite.Now();
        var text = $"Order: {order} | Payment: {transaction} | Timestamp: {timestamp}";
        return new
        {
            protocol = "IVXP/1.0",
            message_type = "payment_proof",
            timestamp,
            order_id = order,
            payment = new { tx_hash = transaction, amount_usdc = "1.000000", network = "base-sepolia" },
            signature = new { message = text, sig = _site.Sign(text), signer = _site.Buyer.Address.ToChecksum() },
        };
    }

    private object Hub(string order, string transaction, DateTimeOffset? at = null)
    {
        var text = Identity(order, Unix(at ?? TimeProvider.System.GetUtcNow()));
        return new
        {
            order_id = order,
            payment = new { tx_hash = transaction, network = "base-sepolia" },
            signature = new { message = text, sig = _site.Sign(text), signer = _site.Buyer.Address.ToChecksum() },
        };
    }

    private string Identity(string order, string unix) =>
        $"IVXP Identity Verification | Order: {order} | Address: {_site.Buyer.Address.ToChecksum()} | Timestamp: {unix}";

    private static string Unix(DateTimeOffset at) => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
}
