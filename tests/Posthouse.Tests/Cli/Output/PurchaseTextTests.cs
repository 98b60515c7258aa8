using System.Text;
using System.Text.Json;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Tests.Cli.Output;

/// <summary>What a seller wrote cannot steer the terminal of who bought it.</summary>
public sealed class PurchaseTextTests
{
    private const string Hostile = "a\\u001b[2Jb\u009bc\u202ed";

    [Fact]
    public void A_content_is_shown_without_anything_that_steers_a_terminal()
    {
        var shown = TextTable.Clean(PurchaseText.Content(Bought($"\"{Hostile}\"")), unicode: true);
        shown.ShouldNotContain('\u009b');
        shown.ShouldNotContain('\u202e');
        shown.ShouldNotContain('\u001b');
    }

    [Fact]
    public void A_content_in_json_is_the_same_value_with_its_controls_escaped()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = PurchaseText.Encoder }))
            PurchaseText.WriteWhole(json, Bought($"\"{Hostile}\""));
        var text = Encoding.UTF8.GetString(buffer.ToArray());

        text.ShouldNotContain('\u009b');
        text.ShouldNotContain('\u001b');
        text.ShouldNotContain('\u202e');
        JsonDocument.Parse(text).RootElement.GetProperty("content").GetString().ShouldBe("a\u001b[2Jb\u009bc\u202ed");
    }

    private static Purchase Bought(string content) => new()
    {
        Id = "purchase-1",
        Step = PurchaseStep.Through,
        Url = new Uri("http://provider.example/"),
        ServiceType = "echo",
        Description = "",
        Budget = UsdcAmount.FromUnits(1),
        Client = EthereumAddress.Parse("0x1111111111111111111111111111111111111111"),
        BegunAt = DateTimeOffset.UnixEpoch,
        Content = Encoding.UTF8.GetBytes(content),
    };
}
