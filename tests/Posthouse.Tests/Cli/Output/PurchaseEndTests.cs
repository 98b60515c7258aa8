using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Tests.Cli.Output;

/// <summary>What is said of orders that go no further and have no result.</summary>
public sealed class PurchaseEndTests
{
    private static readonly Purchase _quoted = new()
    {
        Id = "purchase-1",
        Step = PurchaseStep.Pay,
        Url = new Uri("http://provider.example"),
        ServiceType = "echo",
        Description = "",
        Budget = UsdcAmount.FromUnits(5_000_000),
        Client = default,
        BegunAt = DateTimeOffset.UnixEpoch,
        OrderId = "order-1",
        Status = "quoted",
    };

    [Fact]
    public void A_result_is_a_result_even_where_it_was_disputed()
    {
        var disputed = _quoted with { Step = PurchaseStep.Through, Content = "1"u8.ToArray(), DisputedAt = DateTimeOffset.UnixEpoch };

        PurchaseEnd.WithResult(disputed).ShouldBe(disputed);
    }

    [Fact]
    public void Only_who_has_not_paid_is_told_to_pay()
    {
        Said(_quoted).ShouldBe((ClientErrors.PurchaseState, "The order is only quoted. Pay it: posthouse order resume order-1"));
        Said(_quoted with { TransactionHash = "0x1", Step = PurchaseStep.Wait, Status = "paid" }).Message.ShouldNotContain("Pay it");
    }

    [Fact]
    public void A_refunded_order_was_not_delivered()
    {
        var refunded = _quoted with { Step = PurchaseStep.Through, TransactionHash = "0x1", DisputedAt = DateTimeOffset.UnixEpoch, Status = "refunded" };

        var (code, message) = Said(refunded);

        code.ShouldBe(ClientErrors.OrderFailed);
        message.ShouldStartWith("The order has no result: you disputed it, and its provider last said refunded. ");
        ExitCodes.For(code).ShouldBe(1);
    }

    private static (string Code, string Message) Said(Purchase purchase)
    {
        var said = Should.Throw<PosthouseException>(() => PurchaseEnd.WithResult(purchase));
        return (said.Code, said.Message);
    }
}
