using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>Puts a provider on the net. It carries messages to the room and answers back; it decides nothing.</summary>
public static class IvxpEndpoints
{
    /// <summary>Maps the documented wire of a provider: catalog, request, deliver, status and download.</summary>
    /// <param name="endpoints">Where to map.</param>
    /// <exception cref="InvalidOperationException">The provider was not added; the message has the line to write.</exception>
    public static IEndpointRouteBuilder MapIvxp(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<OrderBook>() is null)
            throw new InvalidOperationException("IVXP is not in this container. Add it: services.AddPosthouse().UseSqlite(\"app.db\").AddIvxp(new IvxpOptions { … });");
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Catalog, "GET, HEAD", Catalog);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Request, "POST", RequestAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Deliver, "POST", DeliverAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Status, "GET", StatusAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Download, "GET", DownloadAsync);
        ReceiptEndpoints.Map(endpoints);
        InboxEndpoints.Map(endpoints);
        return endpoints;
    }

    /// <summary>Maps the development chain, a JSON-RPC endpoint that makes money out of nothing.</summary>
    /// <param name="endpoints">Where to map.</param>
    /// <exception cref="InvalidOperationException">The chain was not added: it exists in development alone.</exception>
    public static IEndpointRouteBuilder MapDevChain(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<DevChain>() is null)
            throw new InvalidOperationException("The development chain exists with --dev alone. Add it: builder.AddDevChain(UsdcNetwork.BaseSepolia).");
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.DevChain, "POST", DevChainAsync);
        return endpoints;
    }

    private static Task Catalog(HttpContext context)
    {
        var message = OrderMessages.Catalog(IvxpRoute.Get<IvxpOptions>(context), IvxpRoute.Get<TimeProvider>(context).GetUtcNow());
        return IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(message, IvxpJson.Wire.ServiceCatalog));
    }

    private static Task RequestAsync(HttpContext context) =>
        IvxpRoute.AnswerAsync(context, IvxpJson.Wire.ServiceRequest, IvxpJson.Wire.ServiceQuote, IvxpRoute.Get<RequestQuote>(context).AnswerAsync);

    // Not the request's token: a client that hangs up has still paid, and what was begun is ended.
    private static Task DeliverAsync(HttpContext context) => IvxpRoute.AnswerAsync(
        context, IvxpJson.Wire.DeliveryRequest, IvxpJson.Wire.DeliveryAccepted, proof => IvxpRoute.Get<AcceptPayment>(context).AnswerAsync(proof, CancellationToken.None));

    private static async Task StatusAsync(HttpContext context)
    {
        var reply = await IvxpRoute.Get<ShowOrder>(context).StatusAsync(IvxpRoute.Id(context), IvxpRoute.Version(context));
        if (reply.Refusal is not null)
        {
            await IvxpAnswers.RefuseAsync(context, reply.Refusal);
            return;
        }
        context.Response.Headers[IvxpProtocol.Headers.Version] = OrderMessages.HeaderOf(reply.Answer!.Reader);
        await IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(reply.Answer.Message, IvxpJson.Wire.OrderStatus));
    }

    private static async Task DownloadAsync(HttpContext context)
    {
        var orders = IvxpRoute.Get<ShowOrder>(context);
        var reply = await orders.DownloadAsync(IvxpRoute.Id(context), IvxpRoute.Version(context), InboxEndpoints.Signed(context));
        InboxEndpoints.ShowAsFile(context, IvxpRoute.Id(context));
        if (reply.Refusal is not null)
        {
            await IvxpAnswers.RefuseAsync(context, reply.Refusal);
            return;
        }
        context.Response.Headers[IvxpProtocol.Headers.Version] = OrderMessages.HeaderOf(reply.Answer!.Reader);
        if (reply.Answer.Content is { } content)
            await IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, content, beforeLastByte: () => orders.DownloadedAsync(IvxpRoute.Id(context)));
        else
            await IvxpAnswers.WriteAsync(context, StatusCodes.Status202Accepted, JsonSerializer.SerializeToUtf8Bytes(reply.Answer.NotReady!, IvxpJson.Wire.DeliverableNotReady));
    }

    private static async Task DevChainAsync(HttpContext context)
    {
        var body = await IvxpAnswers.ReadBodyAsync(context);
        if (body is null)
        {
            await IvxpAnswers.RefuseAsync(context, IvxpAnswers.TooLarge);
            return;
        }
        var chain = IvxpRoute.Get<DevChain>(context);
        await IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, await IvxpRoute.Get<IStore>(context).WriteAsync(write => chain.Answer(write, body)));
    }
}
