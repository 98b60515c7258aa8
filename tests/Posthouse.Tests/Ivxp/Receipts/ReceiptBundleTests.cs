using System.Text;
using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Receipts;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Ivxp.Receipts;

/// <summary>Bundles against vectors whose signatures were made by wallets nobody here wrote.</summary>
public sealed class ReceiptBundleTests
{
    private static readonly JsonDocument _vectors = JsonDocument.Parse(Tree.Read("spec/ivxp/vectors/receipts.json").Text);

    public static TheoryData<string> Names => [.. Cases.Select(one => one.GetProperty("name").GetString()!)];

    private static IEnumerable<JsonElement> Cases => _vectors.RootElement.GetProperty("cases").EnumerateArray();

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_vector_is_sound_or_wrong_in_the_one_thing_it_says(string name)
    {
        var one = Cases.Single(candidate => candidate.GetProperty("name").GetString() == name);
        var verdict = Bundle(one).Verify(Secp256k1.Best);

        var wrong = verdict.Findings.Where(finding => finding.Mark is ReceiptMark.Wrong).Select(finding => finding.Subject).Distinct();
        var expected = one.GetProperty("expected").GetString()!;
        wrong.ShouldBe(expected == "sound" ? [] : [expected]);
        verdict.IsSound.ShouldBe(expected == "sound");
    }

    [Fact]
    public void A_whole_bundle_proves_payment_delivery_and_receipt_and_says_what_it_cannot_prove()
    {
        var verdict = Bundle("whole").Verify(Secp256k1.Best);

        verdict.Findings.Select(finding => $"{finding.Subject} {finding.Mark}").ShouldBe(
        [
            "quote Unproved", "payment Unproved", "payment Proved", "content Unproved", "delivery Proved", "receipt Proved", "rating Unproved", "times Proved",
        ]);
        verdict.Findings.ShouldContain(finding => finding.Subject == "payment" && finding.Text.Contains("chain", StringComparison.Ordinal));
    }

    [Fact]
    public void A_receipt_without_a_hash_proves_nothing_about_content()
    {
        Bundle("a receipt that names no content").Verify(Secp256k1.Best).Proves("receipt").ShouldBeFalse();
        Bundle("the oldest receipt").Verify(Secp256k1.Best).Proves("receipt").ShouldBeFalse();
        Bundle("whole").Verify(Secp256k1.Best).Proves("receipt").ShouldBeTrue();
    }

    [Fact]
    public void A_digest_under_another_definition_is_proved_by_the_content_alone()
    {
        var content = JsonContent.From(_vectors.RootElement.GetProperty("content"));
        var bundle = Bundle("a receipt by the python digest");

        bundle.Verify(Secp256k1.Best).Proves("receipt").ShouldBeFalse();
        bundle.Verify(Secp256k1.Best, content).Proves("receipt").ShouldBeTrue();
        bundle.Verify(Secp256k1.Best, content).Proves("content").ShouldBeTrue();
        Bundle("whole").Verify(Secp256k1.Best, JsonContent.Parse("{}"u8.ToArray())).IsSound.ShouldBeFalse();
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void A_receipt_that_was_signed_after_it_was_recorded_is_another_one(int seconds, bool isSound)
    {
        var whole = Bundle("whole");
        SignedText.Receipt.TryParse(whole.Receipt!.SignedMessage, out var text).ShouldBeTrue();
        WireTime.TryParse(text!.Timestamp, out var signed).ShouldBeTrue();

        var verdict = (whole with { Receipt = whole.Receipt with { RecordedAt = WireTime.Write(signed - TimeSpan.FromSeconds(seconds)) } }).Verify(Secp256k1.Best);

        verdict.IsSound.ShouldBe(isSound);
        verdict.Proves("times").ShouldBe(isSound);
    }

    [Fact]
    public void A_bundle_comes_back_as_it_was_written_and_anything_else_is_no_bundle()
    {
        var whole = Bundle("whole");
        ReceiptBundle.Parse(whole.ToUtf8()).ShouldBe(whole);
        foreach (var bad in new[] { "", "[]", "null", "{}", Encoding.UTF8.GetString((whole with { Format = "ivxp-receipt/2" }).ToUtf8()), new string(' ', ReceiptBundle.MaxBytes + 1) })
            Should.Throw<PosthouseException>(() => ReceiptBundle.Parse(Encoding.UTF8.GetBytes(bad))).Code.ShouldBe(ErrorCodes.OptionsInvalid);
    }

    private static ReceiptBundle Bundle(string name) => Bundle(Cases.Single(one => one.GetProperty("name").GetString() == name));

    private static ReceiptBundle Bundle(JsonElement one) => ReceiptBundle.Parse(Encoding.UTF8.GetBytes(one.GetProperty("bundle").GetRawText()));
}
