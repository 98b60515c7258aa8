using System.IO.Compression;
using System.Text;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Tests.AspNetCore.Ivxp;

/// <summary>What a provider answers to strangers, before and instead of an order.</summary>
public sealed class EdgeTests
{
    private const string Unknown = "ivxp-00000000-0000-4000-8000-000000000000";
    private const string Challenge = "ivxp-claim:3f1c7d52-8a4e-4f0b-9c21-6d5e4b3a2f10";

    [Theory]
    [InlineData("GET", "/ivxp/nothing", 404, "NOT_FOUND")]
    [InlineData("POST", "/ivxp", 404, "NOT_FOUND")]
    [InlineData("DELETE", "/ivxp/orders/x/y/z", 404, "NOT_FOUND")]
    [InlineData("PUT", "/ivxp/catalog", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("POST", "/ivxp/orders/ivxp-1/deliverable", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("GET", "/ivxp/orders/ivxp-1/payment", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("GET", "/.well-known/ivxp-verify", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("POST", "/ivxp/stream/ivxp-1", 405, "METHOD_NOT_ALLOWED")]
    public async Task Unknown_paths_and_wrong_methods_are_errors_of_the_protocol(string method, string path, int status, string code)
    {
        await using var site = await ProviderSite.StartAsync();
        var answer = await site.SendAsync(method, path);
        (answer.Status, answer.Code).ShouldBe((status, code));
        answer.Text("message").ShouldNotBeEmpty();
        (answer.Header("Allow").Length > 0).ShouldBe(status == 405);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", null, 415)]
    [InlineData("text/plain", null, 415)]
    [InlineData("application/json; charset=utf-16", null, 415)]
    [InlineData("application/json", "gzip", 415)]
    [InlineData("application/json; charset=UTF-8", "identity", 400)]
    [InlineData("application/vnd.x+json", null, 400)]
    public async Task A_body_is_JSON_in_UTF_8_and_uncompressed(string type, string? encoding, int status)
    {
        await using var site = await ProviderSite.StartAsync();
        (string, string)[] headers = encoding is null ? [("Content-Type", type)] : [("Content-Type", type), ("Content-Encoding", encoding)];
        var answer = await site.SendAsync("POST", "/ivxp/request", "{}", headers);
        (answer.Status, answer.Code).ShouldBe((status, status == 415 ? "UNSUPPORTED_MEDIA_TYPE" : "PROTOCOL_VERSION_UNSUPPORTED"));
    }

    [Theory]
    [InlineData("/ivxp/deliver", "[]")]
    [InlineData("/ivxp/deliver", """{"signature":{"message":1}}""")]
    [InlineData("/ivxp/orders/ivxp-1/delivery", """{"order_id":"ivxp-1","order_id":"ivxp-1"}""")]
    [InlineData("/ivxp/orders/ivxp-1/payment", """{"protocol":"IVXP/1.0","payment":null}""")]
    [InlineData("/.well-known/ivxp-verify", "nonsense")]
    [InlineData("/ivxp/request", """{"protocol":"IVXP/1.0","timestamp":1e400}""")]
    [InlineData("/ivxp/request", """{"\ud800":1,"protocol":"IVXP/1.0"}""")]
    [InlineData("/ivxp/confirm", """{"order_id":"ivxp-1","\udc00":1}""")]
    public async Task Malformed_bodies_are_invalid_requests(string path, string body)
    {
        await using var site = await ProviderSite.StartAsync();
        var answer = await site.SendAsync("POST", path, body);
        (answer.Status, answer.Code).ShouldBe((400, "INVALID_REQUEST"));
    }

    [Fact]
    public async Task Deep_nesting_is_refused_before_it_is_read()
    {
        await using var site = await ProviderSite.StartAsync();
        var answer = await site.SendAsync("POST", "/ivxp/request", string.Concat(Enumerable.Repeat("{\"a\":", 1000)) + "1" + new string('}', 1000));
        (answer.Status, answer.Code).ShouldBe((400, "INVALID_REQUEST"));
    }

    [Fact]
    public async Task Unknown_and_malformed_ids_get_the_same_answer_on_every_path()
    {
        await using var site = await ProviderSite.StartAsync();
        foreach (var path in new[] { "/ivxp/status/{0}", "/ivxp/download/{0}", "/ivxp/orders/{0}", "/ivxp/orders/{0}/deliverable", "/ivxp/stream/{0}" })
        {
            var answers = new List<string>();
            foreach (var id in new[] { Unknown, Unknown.ToUpperInvariant(), "ivxp-1", "%20", "..%2f..%2fetc" })
            {
                var answer = await site.SendAsync("GET", string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id));
                answers.Add($"{answer.Status} {answer.Body}");
            }
            answers.Distinct().ShouldHaveSingleItem().ShouldStartWith("404 ");
        }
    }

    [Fact]
    public async Task Too_many_requests_are_refused_with_a_time_to_come_back_and_every_answer_says_what_is_left()
    {
        await using var site = await ProviderSite.StartAsync(options => options with { Limits = new LimitOptions { RequestsPerMinute = 3 } });
        for (var left = 2; left >= 0; left--)
        {
            var answer = await site.SendAsync("GET", "/ivxp/catalog");
            (answer.Status, answer.Header("RateLimit-Limit"), answer.Header("RateLimit-Remaining")).ShouldBe((200, "3", $"{left}"));
        }
        var refused = await site.SendAsync("GET", "/ivxp/catalog");
        (refused.Status, refused.Code).ShouldBe((429, "RATE_LIMITED"));
        int.Parse(refused.Header("Retry-After"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(1, 20);
        int.Parse(refused.Header("RateLimit-Reset"), System.Globalization.CultureInfo.InvariantCulture).ShouldBe(60);
    }

    [Fact]
    public async Task Who_guesses_ids_gets_no_id_answered_for_a_while_known_or_not()
    {
        await using var site = await ProviderSite.StartAsync(options => options with { Limits = new LimitOptions { UnknownOrdersPerMinute = 2, RequestsPerMinute = 1_000_000 } });
        var order = await site.QuoteAsync();
        (await site.SendAsync("GET", $"/ivxp/status/{Unknown}")).Status.ShouldBe(404);
        (await site.SendAsync("GET", $"/ivxp/status/{order}")).Status.ShouldBe(200);
        (await site.SendAsync("GET", $"/ivxp/download/{Unknown}")).Status.ShouldBe(404);

        // As long as it takes for a part of a permit to come back, and for one a good deal longer.
        for (var begun = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMilliseconds(500);)
            (await site.SendAsync("GET", $"/ivxp/status/{order}")).Status.ShouldBe(429);
        (await site.SendAsync("GET", $"/ivxp/orders/{Unknown}/deliverable")).Status.ShouldBe(429);
        (await site.SendAsync("GET", "/ivxp/catalog")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Health_is_answered_under_the_protocols_path()
    {
        await using var site = await ProviderSite.StartAsync();
        (await site.SendAsync("GET", "/ivxp/health")).Text("status").ShouldBe("ok");
    }

    [Fact]
    public async Task The_wallet_is_proved_to_a_directory()
    {
        await using var site = await ProviderSite.StartAsync();
        var proof = await site.SendAsync("POST", "/.well-known/ivxp-verify", new { challenge = Challenge, wallet_address = site.Provider.Address.ToChecksum() });
        proof.Status.ShouldBe(200);
        proof.Text("challenge").ShouldBe(Challenge);
        proof.Text("signer").ShouldBe(site.Provider.Address.ToString());
        EthereumSignature.TryParse(proof.Text("signature"), out var signature).ShouldBeTrue();
        PersonalMessage.IsSignedBy(Challenge, signature!, site.Provider.Address, Secp256k1.Best).ShouldBeTrue();

        var other = await site.SendAsync("POST", "/.well-known/ivxp-verify", new { challenge = Challenge, wallet_address = site.Buyer.Address.ToString() });
        (other.Status, other.Code).ShouldBe((422, "WALLET_MISMATCH"));
    }

    [Fact]
    public async Task Proofs_of_the_wallet_are_rationed()
    {
        await using var site = await ProviderSite.StartAsync(options => options with { Limits = new LimitOptions { ClaimsPerMinute = 1 } });
        (await site.SendAsync("POST", "/.well-known/ivxp-verify", new { challenge = Challenge })).Status.ShouldBe(200);
        (await site.SendAsync("POST", "/.well-known/ivxp-verify", new { challenge = Challenge })).Status.ShouldBe(429);
    }

    [Fact]
    public async Task Pages_of_named_origins_may_call_and_others_may_not()
    {
        await using var site = await ProviderSite.StartAsync(options => options with { CorsOrigins = ["https://hub.example"] });
        (string, string)[] ask = [("Origin", "https://hub.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")];
        var asked = await site.SendAsync("OPTIONS", "/ivxp/request", null, ask);
        asked.Status.ShouldBe(204);
        asked.Header("Access-Control-Allow-Origin").ShouldBe("https://hub.example");
        asked.Header("Access-Control-Allow-Credentials").ShouldBe("true");
        asked.Header("Access-Control-Allow-Methods").ShouldBe("GET, POST, OPTIONS");
        asked.Header("Access-Control-Max-Age").ShouldBe("600");
        (await site.SendAsync("GET", "/ivxp/catalog", null, ("Origin", "https://hub.example"))).Header("Access-Control-Allow-Origin").ShouldBe("https://hub.example");
        (await site.SendAsync("GET", "/ivxp/catalog", null, ("Origin", "https://evil.example"))).Header("Access-Control-Allow-Origin").ShouldBeEmpty();
        (await site.SendAsync("OPTIONS", "/ivxp/request", null, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"))).Status.ShouldBe(405);
    }

    [Fact]
    public async Task A_compressed_bomb_is_never_opened()
    {
        await using var site = await ProviderSite.StartAsync();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Encoding.ASCII.GetBytes("{\"protocol\":\"IVXP/1.0\",\"x\":\"" + new string('a', 10_000_000) + "\"}"));
        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using var answer = await site.Http.PostAsync("/ivxp/request", content);
        ((int)answer.StatusCode).ShouldBe(415);
    }
}
