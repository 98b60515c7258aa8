using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Proofs;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>Proofs, status and result of an order, each under the paths and in the shapes of every dialect.</summary>
internal static class OrderEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Deliver, "POST", context => ProveAsync(context, IncomingMessage.ReadProof));
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.OrderPayment, "POST", context => ProveAsync(context,
            body => IncomingMessage.Read(body, IvxpJson.Wire.WorkflowPayment).Then(said => ProofOfPayment.From(said, IvxpRoute.Id(context)))));
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.OrderDelivery, "POST", context => ProveAsync(context,
            body => IncomingMessage.ReadPlain(body, IvxpJson.Wire.HubDelivery).Then(said => ProofOfPayment.From(said, IvxpRoute.Id(context)))));
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Status, "GET", context => StatusAsync(context, isFlat: IsFlat(context)));
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Order, "GET", context => StatusAsync(context, isFlat: false, otherwise: OrderMessages.HeaderOf(ReaderVersion.V10)));
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Download, "GET", context => DownloadAsync(context, IsFlat(context) ? DownloadShape.Flat : DownloadShape.Wire));
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.OrderDeliverable, "GET", context => DownloadAsync(context, DownloadShape.Workflow));
    }

    private static bool IsFlat(HttpContext context) => IvxpRoute.Get<IvxpOptions>(context).FlatDialect;

    private static async Task ProveAsync(HttpContext context, Func<ReadOnlyMemory<byte>, Reply<ProofOfPayment>> read)
    {
        var body = await IvxpAnswers.ReadJsonAsync(context);
        var proof = body.Then(bytes => read(bytes));
        // Not the request's token: a client that hangs up has still paid, and what was begun is ended.
        var reply = proof.Refusal is { } refusal ? refusal : await IvxpRoute.Get<AcceptPayment>(context).AnswerAsync(proof.Answer!, CancellationToken.None);
        await IvxpAnswers.WriteAsync(
            context, reply.Then<DeliveryAccepted>(accepted => accepted with { StreamUrl = IvxpRoute.Url(context, IvxpProtocol.Routes.Stream, accepted.OrderId) }), IvxpJson.Wire.DeliveryAccepted);
    }

    private static async Task StatusAsync(HttpContext context, bool isFlat, string? otherwise = null)
    {
        var reply = await IvxpRoute.Get<ShowOrder>(context).StatusAsync(IvxpRoute.Id(context), IvxpRoute.Version(context) ?? otherwise);
        if (reply.Refusal is not null)
        {
            await IvxpAnswers.RefuseAsync(context, reply.Refusal);
            return;
        }
        context.Response.Headers[IvxpProtocol.Headers.Version] = OrderMessages.HeaderOf(reply.Answer!.Reader);
        await IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, isFlat
            ? JsonSerializer.SerializeToUtf8Bytes(reply.Answer.Flat, IvxpJson.Wire.FlatStatus)
            : JsonSerializer.SerializeToUtf8Bytes(reply.Answer.Message, IvxpJson.Wire.OrderStatus));
    }

    private static async Task DownloadAsync(HttpContext context, DownloadShape shape)
    {
        var orders = IvxpRoute.Get<ShowOrder>(context);
        var reply = await orders.DownloadAsync(IvxpRoute.Id(context), IvxpRoute.Version(context), InboxEndpoints.Signed(context), shape);
        if (reply.Refusal is not null)
        {
            await IvxpAnswers.RefuseAsync(context, reply.Refusal);
            return;
        }
        InboxEndpoints.ShowAsFile(context, IvxpRoute.Id(context));
        context.Response.Headers[IvxpProtocol.Headers.Version] = OrderMessages.HeaderOf(reply.Answer!.Reader);
        if (reply.Answer.Content is { } content)
            await IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, content, beforeLastByte: () => orders.DownloadedAsync(IvxpRoute.Id(context)));
        else
            await IvxpAnswers.WriteAsync(context, StatusCodes.Status202Accepted, JsonSerializer.SerializeToUtf8Bytes(reply.Answer.NotReady!, IvxpJson.Wire.DeliverableNotReady));
    }
}
