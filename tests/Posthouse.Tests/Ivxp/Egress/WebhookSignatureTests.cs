using System.Security.Cryptography;
using System.Text;
using Posthouse.Ivxp.Egress;

namespace Posthouse.Tests.Ivxp.Egress;

public sealed class WebhookSignatureTests
{
    private static readonly DateTimeOffset _then = DateTimeOffset.FromUnixTimeSeconds(1_614_265_330);

    [Fact]
    public void The_example_that_the_libraries_of_Standard_Webhooks_share_comes_out()
    {
        var fields = WebhookSignature.Fields("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", _then, "{\"test\": 2432232314}"u8);
        fields.ShouldBe(
        [
            KeyValuePair.Create("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            KeyValuePair.Create("webhook-timestamp", "1614265330"),
            KeyValuePair.Create("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ]);
    }

    [Fact]
    public void The_signature_covers_the_bytes_of_the_body()
    {
        var key = Enumerable.Range(0, 64).Select(i => (byte)i).ToArray();
        var body = Encoding.UTF8.GetBytes("{\"text\":\"größe 🌍\"}");
        byte[] signed = [.. "d-1.1614265330."u8, .. body];
        var expected = HMACSHA256.HashData(key, signed);
        WebhookSignature.Fields("whsec_" + Convert.ToBase64String(key), "d-1", _then, body)[2].Value.ShouldBe("v1," + Convert.ToBase64String(expected));
    }

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_not base64!")]
    public void What_is_no_secret_signs_nothing(string secret)
    {
        WebhookSignature.TryKey(secret).ShouldBeNull();
        Should.Throw<FormatException>(() => WebhookSignature.Fields(secret, "d-1", _then, default));
    }
}
