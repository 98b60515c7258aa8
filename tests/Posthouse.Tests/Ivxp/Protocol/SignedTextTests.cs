using Posthouse.Ivxp.Protocol;

namespace Posthouse.Tests.Ivxp.Protocol;

public sealed class SignedTextTests
{
    private static readonly string Order = OrderId.New(new SeededIds(3));
    private static readonly SignedFields Fields = new(Order, "0x" + new string('A', 64), "2026-02-05T12:00:00.123456+00:00", "0123456789abcdef", "0x" + new string('c', 64))
    {
        Wallet = "0x" + new string('D', 40),
    };

    [Fact]
    public void The_payment_text_is_the_documented_one() =>
        SignedText.Payment.Build(Fields).ShouldBe($"Order: {Order} | Payment: 0x{new string('A', 64)} | Timestamp: 2026-02-05T12:00:00.123456+00:00");

    [Fact]
    public void Each_kind_is_read_back_with_its_own_fields_and_by_no_other_kind()
    {
        foreach (var kind in SignedText.All)
        {
            var text = kind.Build(Fields);
            kind.TryParse(text, out var read).ShouldBeTrue(kind.Id);
            kind.Build(read!).ShouldBe(text);
            read!.OrderId.ShouldBe(kind.Template.Contains("{order_id}", StringComparison.Ordinal) ? Order : "");
            read.Wallet.ShouldBe(kind.Template.Contains("{wallet}", StringComparison.Ordinal) ? Fields.Wallet : null);
            read.Timestamp.ShouldBe(Fields.Timestamp);
            read.Payment.ShouldBe(kind.Template.Contains("{tx_hash}", StringComparison.Ordinal) ? Fields.Payment : null);
            read.Nonce.ShouldBe(kind.Template.Contains("{nonce}", StringComparison.Ordinal) ? Fields.Nonce : null);
            foreach (var other in SignedText.All.Where(other => other != kind))
                other.TryParse(text, out _).ShouldBeFalse($"{kind.Id} as {other.Id}");
        }
    }

    [Fact]
    public void A_text_with_anything_more_less_or_else_is_refused()
    {
        foreach (var kind in SignedText.All)
        {
            var text = kind.Build(Fields);
            foreach (var changed in new[]
            {
                "", " " + text, text + " ", text + "\n", text[1..], text[..^1], text.Replace(" | ", " |  ", StringComparison.Ordinal),
                text.Replace(": ", ":", StringComparison.Ordinal), text.Replace("ivxp-", "IVXP-", StringComparison.Ordinal), text + " | " + text, text.ToLowerInvariant(),
            }.Where(changed => changed != text))
                kind.TryParse(changed, out _).ShouldBeFalse($"{kind.Id}: {changed}");
            kind.TryParse(null, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void A_text_that_hides_a_second_payment_behind_the_first_is_refused()
    {
        var hidden = SignedText.Payment.Build(Fields).Replace(" | Timestamp", $" | Payment: 0x{new string('b', 64)} | Timestamp", StringComparison.Ordinal);
        SignedText.Payment.TryParse(hidden, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_field_that_would_break_the_text_is_never_signed()
    {
        Should.Throw<ArgumentException>(() => SignedText.Payment.Build(Fields with { OrderId = "ivxp-1 | Payment: x" }));
        Should.Throw<ArgumentException>(() => SignedText.Payment.Build(Fields with { Payment = null }));
        Should.Throw<ArgumentException>(() => SignedText.Payment.Build(Fields with { Timestamp = "2026-02-30T00:00:00Z" }));
        Should.Throw<ArgumentException>(() => SignedText.PaymentWithNonce.Build(Fields with { Nonce = "0123456789abcde" }));
        Should.Throw<ArgumentException>(() => SignedText.PaymentWithNonce.Build(Fields with { Nonce = "0123456789|abcdef" }));
        SignedText.Dispute.Build(Fields with { ContentHash = "none" }).ShouldContain("| Hash: none |");
        Should.Throw<ArgumentException>(() => SignedText.Receipt.Build(Fields with { ContentHash = "none" }));
    }

    [Fact]
    public void Order_ids_are_of_version_4_and_differ()
    {
        var ids = new SeededIds(9);
        var drawn = Enumerable.Range(0, 200).Select(_ => OrderId.New(ids)).ToList();
        drawn.Distinct().Count().ShouldBe(200);
        drawn.ShouldAllBe(id => OrderId.IsValid(id));
        foreach (var bad in new[] { null, "", Order.ToUpperInvariant(), Order + "\n", Order[5..], Order.Replace("-4", "-1", StringComparison.Ordinal) })
            OrderId.IsValid(bad).ShouldBeFalse(bad);
    }
}
