using System.Net.Mime;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>Carries an order's events to whoever follows it, each frame in one write.</summary>
internal static class StreamEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Stream, "GET", AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        var id = IvxpRoute.Id(context);
        var orders = IvxpRoute.Get<StreamOrder>(context);
        if (!await orders.KnowsAsync(id))
        {
            await IvxpAnswers.RefuseAsync(context, new Refusal(IvxpErrors.OrderNotFound, IvxpProtocol.Messages.OrderNotFound));
            return;
        }
        var (place, refusal) = IvxpEdge.Of(context)!.Streams.Enter(context);
        if (refusal is not null)
        {
            await IvxpAnswers.RefuseAsync(context, refusal);
            return;
        }
        using (place)
            await SendAsync(context, id, orders);
    }

    private static async Task SendAsync(HttpContext context, string id, StreamOrder orders)
    {
        // A server that stops does not wait for orders to end; its clients come again.
        var stopping = context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = MediaTypeNames.Text.EventStream;
        context.Response.Headers.CacheControl = "no-store";
        // Asks nginx and its kin to pass each event on at once.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await foreach (var frame in orders.FramesAsync(id, IvxpRoute.Version(context), IvxpRoute.Url(context, IvxpProtocol.Routes.OrderDeliverable, id), ends.Token))
            {
                await context.Response.Body.WriteAsync(frame, ends.Token);
                await context.Response.Body.FlushAsync(ends.Token);
            }
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The reader left, or the server ends.
        }
    }
}
