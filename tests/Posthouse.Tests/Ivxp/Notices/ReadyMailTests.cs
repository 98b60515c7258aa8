using System.Text;
using Posthouse.Ivxp.Notices;

namespace Posthouse.Tests.Ivxp.Notices;

/// <summary>The message as it goes over the wire.</summary>
public sealed class ReadyMailTests
{
    private static readonly DateTimeOffset _now = new(2026, 2, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_notice_in_plain_letters_can_be_read_as_it_is_sent()
    {
        var raw = ReadyMail.Render(new MailText("ann@client.example", "Service Ready: x", "Order: x\nStatus: https://provider.example/ivxp/status/x\n", "x"), "orders@provider.example", _now);
        raw.ShouldContain("Content-Transfer-Encoding: 7bit");
        raw.ShouldContain("\nStatus: https://provider.example/ivxp/status/x\n");
    }

    [Theory]
    [InlineData("Service: größe\n")]
    [InlineData("Service: a\rb\n")]
    [InlineData("Service: \0\n")]
    public void Any_other_letter_is_sent_encoded(string body)
    {
        var raw = ReadyMail.Render(new MailText("ann@client.example", "Service Ready: x", body, "x"), "orders@provider.example", _now);
        raw.ShouldContain("Content-Transfer-Encoding: base64");
        raw.ShouldContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(body)));
    }
}
