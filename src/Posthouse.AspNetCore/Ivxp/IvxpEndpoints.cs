using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
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
        Map(endpoints, IvxpProtocol.Routes.Catalog, "GET, HEAD", Catalog);
        Map(endpoints, IvxpProtocol.Routes.Request, "POST", RequestAsync);
        Map(endpoints, IvxpProtocol.Routes.Deliver, "POST", DeliverAsync);
        Map(endpoints, IvxpProtocol.Routes.Status, "GET", StatusAsync);
        Map(endpoints, IvxpProtocol.Routes.Download, "GET", DownloadAsync);
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
        Map(endpoints, IvxpProtocol.Routes.DevChain, "POST", DevChainAsync);
        return endpoints;
    }

    // Every method is mapped, because a framework's own 405 has no body that a client of this protocol could read.
    private static void Map(IEndpointRouteBuilder endpoints, string path, string methods, RequestDelegate handler) =>
        endpoints.Map(path, context => IvxpExchangeGuard.RunAsync(context, path, methods, handler));

    private static Task Catalog(HttpContext context)
    {
        var message = OrderMessages.Catalog(Get<IvxpOptions>(context), Get<TimeProvider>(context).GetUtcNow());
        return IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(message, IvxpJson.Wire.ServiceCatalog));
    }

    private static Task RequestAsync(HttpContext context) =>
        AnswerAsync(context, IvxpJson.Wire.ServiceRequest, IvxpJson.Wire.ServiceQuote, Get<RequestQuote>(context).AnswerAsync);

    // Not the request's token: a client that hangs up has still paid, and what was begun is ended.
    private static Task DeliverAsync(HttpContext context) => AnswerAsync(
        context, IvxpJson.Wire.DeliveryRequest, IvxpJson.Wire.DeliveryAccepted, proof => Get<AcceptPayment>(context).AnswerAsync(proof, CancellationToken.None));

    private static async Task AnswerAsync<TIn, TOut>(HttpContext context, JsonTypeInfo<TIn> read, JsonTypeInfo<TOut> write, Func<TIn, Task<Reply<TOut>>> answer)
        where TIn : class
        where TOut : class
    {
        var message = await IvxpAnswers.ReadAsync(context, read);
        if (message.Refusal is { } refusal)
            await IvxpAnswers.RefuseAsync(context, refusal);
        else
            await IvxpAnswers.WriteAsync(context, await answer(message.Answer!), write);
    }

    private static async Task StatusAsync(HttpContext context)
    {
        var reply = await Get<ShowOrder>(context).StatusAsync(Id(context), Version(context));
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
        var orders = Get<ShowOrder>(context);
        var reply = await orders.DownloadAsync(Id(context), Version(context));
        if (reply.Refusal is not null)
        {
            await IvxpAnswers.RefuseAsync(context, reply.Refusal);
            return;
        }
        context.Response.Headers[IvxpProtocol.Headers.Version] = OrderMessages.HeaderOf(reply.Answer!.Reader);
        if (reply.Answer.Content is { } content)
            await IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, content, beforeLastByte: () => orders.DownloadedAsync(Id(context)));
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
        var chain = Get<DevChain>(context);
        await IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, await Get<IStore>(context).WriteAsync(write => chain.Answer(write, body)));
    }

    private static T Get<T>(HttpContext context)
        where T : notnull => context.RequestServices.GetRequiredService<T>();

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static string? Version(HttpContext context) => context.Request.Headers[IvxpProtocol.Headers.Version];
}
