using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Health;
using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>Puts a provider on the net. It carries messages to the room and answers back; it decides nothing.</summary>
public static class IvxpEndpoints
{
    /// <summary>
    /// Maps the wire of a provider in all its dialects: catalog and request, the proof of payment, status, stream and result of an
    /// order, health, and the proof of the provider's wallet. Every other path of the protocol answers an error in its words.
    /// </summary>
    /// <param name="endpoints">Where to map.</param>
    /// <exception cref="InvalidOperationException">The provider was not added; the message has the line to write.</exception>
    public static IEndpointRouteBuilder MapIvxp(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<OrderBook>() is null)
            throw new InvalidOperationException("IVXP is not in this container. Add it: services.AddPosthouse().UseSqlite(\"app.db\").AddIvxp(new IvxpOptions { … });");
        // Made now, so that orders are told of before the first of them moves.
        endpoints.ServiceProvider.GetService<IvxpMetrics>();
        MapProvider(IvxpEdge.Around(endpoints));
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

    /// <summary>Every path of a provider stands inside its edge, which counts and refuses before anything is read.</summary>
    private static void MapProvider(IEndpointRouteBuilder endpoints)
    {
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Catalog, "GET, HEAD", Catalog);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Request, "POST", RequestAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Health, "GET", HealthEndpoints.AnswerAsync);
        IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Unknown, "", NoSuchPath);
        OrderEndpoints.Map(endpoints);
        ReceiptEndpoints.Map(endpoints);
        InboxEndpoints.Map(endpoints);
        StreamEndpoint.Map(endpoints);
        VerifyEndpoint.Map(endpoints);
    }

    private static Task Catalog(HttpContext context)
    {
        var message = OrderMessages.Catalog(IvxpRoute.Get<IvxpOptions>(context), IvxpRoute.Get<TimeProvider>(context).GetUtcNow());
        return IvxpAnswers.WriteAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(message, IvxpJson.Wire.ServiceCatalog));
    }

    private static Task RequestAsync(HttpContext context) =>
        IvxpRoute.AnswerAsync(context, IvxpJson.Wire.ServiceRequest, IvxpJson.Wire.ServiceQuote, IvxpRoute.Get<RequestQuote>(context).AnswerAsync);

    private static Task NoSuchPath(HttpContext context) =>
        IvxpAnswers.RefuseAsync(context, new Refusal(IvxpErrors.NotFound, "The protocol has no such path here."));

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
