using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Orders;

/// <summary>What a seller can decide about one order, as <c>posthouse order push replay</c> and <c>order resolve</c> do.</summary>
internal static class OrderActions
{
    /// <summary>What was done, by the word that the address of the next page carries: nobody can put a sentence of his own into it.</summary>
    private static readonly Dictionary<string, string> _said = new(StringComparer.Ordinal)
    {
        ["pushed"] = "A new round of pushes begins.",
        ["offered"] = "The result waits for its client again.",
        ["refunded"] = "Recorded as refunded. Send the money yourself: Posthouse moves none.",
        ["closed"] = "The dispute is closed; downloads are answered with a failure.",
    };

    /// <summary>The sentence on what was done before this page; null: nothing.</summary>
    public static string? Said(IQueryCollection query) => _said.GetValueOrDefault(query["done"].ToString());

    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge)
    {
        Map(endpoints, edge, "replay", "Push the result again?", "Push again", false,
            order => $"A new round of pushes of {Named(order)} to {OrderFace.Host(order) ?? "its endpoint"} begins, under the old delivery id.", Redelivery.Replay);
        Map(endpoints, edge, "redeliver", "Deliver the result again?", "Deliver again", false,
            order => $"The stored result of {Named(order)} is delivered again{(OrderFace.Host(order) is { } host ? $", by pushes to {host}" : ": its client may collect it")}.", Resolve(Resolution.Redeliver));
        Map(endpoints, edge, "refund", "Record a refund?", "Record the refund", true,
            order => $"It is recorded that the {OrderFace.Usdc(order.Price)} of {Named(order)} went back to {order.Client}. Posthouse moves no money: send it yourself.", Resolve(Resolution.Refund));
        Map(endpoints, edge, "close", "Close the dispute?", "Close the dispute", true,
            order => $"The dispute about {Named(order)} ends without a delivery: nothing more will be delivered.", Resolve(Resolution.Close));
    }

    /// <summary>Whether an order can be pushed again, as far as its row tells.</summary>
    public static bool CanReplay(OrderSheet sheet) => sheet.Order.DeliveryEndpoint is not null && IsKept(sheet) && May(sheet, OrderEvent.RedeliveredByPush);

    /// <summary>Whether a disputed result can be offered again; one that has an endpoint is pushed again.</summary>
    public static bool CanRedeliver(OrderSheet sheet) => sheet.Order is { DeliveryEndpoint: null, State: OrderState.Disputed } && IsKept(sheet) && May(sheet, OrderEvent.RedeliveredForPickup);

    public static bool CanRefund(OrderSheet sheet) => May(sheet, OrderEvent.MoneyReturned);

    public static bool CanClose(OrderSheet sheet) => May(sheet, OrderEvent.DisputeClosed);

    private static bool IsKept(OrderSheet sheet) => sheet.Order.KeptFrom is not null;

    private static bool May(OrderSheet sheet, OrderEvent happened) => OrderLaw.Next(sheet.Order.State, happened) is not null;

    private static Func<IWrite, string, TimeSpan, Reply<Order>> Resolve(Resolution how) => (write, id, keep) => ResolveDispute.Apply(write, id, how, keep);

    private static void Map(
        IEndpointRouteBuilder endpoints, DashboardEdge edge, string verb, string title, string button, bool isGrave, Func<Order, string> sentence, Func<IWrite, string, TimeSpan, Reply<Order>> decide) =>
        endpoints.MapAction(edge, "/orders/" + verb,
            async context =>
            {
                var order = await OrderPage.FindAsync(context.RequestServices, context.Request.Query["id"]);
                return new Question(sentence(order), button, "/orders/" + verb, OrderFace.Path(order.Id)) { IsGrave = isGrave, Fields = [(DashboardEdge.OrderField, order.Id)] }.Page(title, Room.Orders, context);
            },
            async (context, form) =>
            {
                var services = context.RequestServices;
                var order = await OrderPage.FindAsync(services, form[DashboardEdge.OrderField]);
                var keep = services.GetRequiredService<IvxpOptions>().Retention;
                var reply = await services.GetRequiredService<OrderBook>().WriteAsync(write => decide(write, order.Id, keep));
                services.GetRequiredService<Reading<Sales>>().Forget();
                services.GetRequiredService<Reading<QueueStanding>>().Forget();
                return reply.Refusal is { } refusal
                    ? DashboardEdge.Failed(IvxpErrors.HttpStatus(refusal.Code), refusal.Code, refusal.Message, OrderFace.Path(order.Id))
                    : Results.Redirect($"{OrderFace.Path(order.Id)}&done={Done(reply.Answer!)}");
            });

    private static string Done(Order order) => order.State switch
    {
        OrderState.Ready => "pushed",
        OrderState.ReadyForPickup => "offered",
        OrderState.Refunded => "refunded",
        _ => "closed",
    };

    private static string Named(Order order) => $"{order.ServiceType} for {order.ClientName} ({order.Id})";
}
