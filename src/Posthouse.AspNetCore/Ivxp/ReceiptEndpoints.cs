using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>What comes after a delivery: receipts, disputes, redeliveries, bundles and reputation.</summary>
internal static class ReceiptEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Confirm, "POST", ConfirmAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.ConfirmOrder, "POST", ConfirmAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.OrderConfirm, "POST", ConfirmAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.OrderRedeliver, "POST", RedeliverAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.OrderReceipt, "GET", ReceiptAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Reputation, "GET", ReputationAsync);
    }

    private static async Task ConfirmAsync(HttpContext context)
    {
        var path = (string?)context.Request.RouteValues["id"];
        var message = (await IvxpAnswers.ReadJsonAsync(context)).Then(body => IncomingMessage.ReadPlain(body, IvxpJson.Wire.DeliveryConfirmation));
        await IvxpAnswers.WriteAsync(context,
            message.Refusal is { } refusal ? refusal : await IvxpRoute.Get<ConfirmDelivery>(context).AnswerAsync(message.Answer!, path),
            IvxpJson.Wire.ConfirmationAccepted);
    }

    private static async Task RedeliverAsync(HttpContext context)
    {
        var reply = await IvxpRoute.Get<RedeliverOrder>(context).AnswerAsync(IvxpRoute.Id(context), InboxEndpoints.Signed(context), IvxpRoute.Version(context));
        if (reply.Refusal is { } refusal)
        {
            await IvxpAnswers.RefuseAsync(context, refusal);
            return;
        }
        context.Response.Headers[IvxpProtocol.Headers.Version] = OrderMessages.HeaderOf(reply.Answer!.Reader);
        await WriteAsync(context, reply.Answer.Message, IvxpJson.Wire.OrderStatus);
    }

    private static async Task ReceiptAsync(HttpContext context) => await IvxpAnswers.WriteAsync(
        context, await IvxpRoute.Get<ShowReceipt>(context).AnswerAsync(IvxpRoute.Id(context), InboxEndpoints.Signed(context)), IvxpJson.Wire.ReceiptBundle);

    private static async Task ReputationAsync(HttpContext context)
    {
        var known = (await IvxpRoute.Get<OrderBook>(context).ReadAsync(ReceiptRows.Reputation)).ToDictionary(service => service.Type);
        var services = IvxpRoute.Get<IvxpOptions>(context).Services.Select(offer => known.GetValueOrDefault(offer.Type) ?? new ServiceReputation(offer.Type, 0, 0, 0));
        await WriteAsync(context, new Reputation([.. services]), IvxpJson.Wire.Reputation);
    }

    private static Task WriteAsync<T>(HttpContext context, T message, JsonTypeInfo<T> type)
        where T : class => IvxpAnswers.WriteAsync(context, (Reply<T>)message, type);
}
