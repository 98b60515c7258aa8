using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>Puts a buyer's inbox on the net: where providers push what was bought.</summary>
public static class PushInboxEndpoints
{
    /// <summary>Maps both paths that providers know. An answer of 200 says that the result is on the disk.</summary>
    /// <param name="endpoints">Where to map.</param>
    /// <exception cref="InvalidOperationException">The buyer was not added; the message has the line to write.</exception>
    public static IEndpointRouteBuilder MapPushInbox(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var inbox = endpoints.ServiceProvider.GetService<PushInbox>() ?? throw new InvalidOperationException(
            "No buyer is in this container. Add it: services.AddPosthouse().UseSqlite(\"app.db\").AddIvxpClient(new IvxpClientOptions { … });");
        return MapPushInbox(endpoints, inbox);
    }

    /// <summary>The same for an inbox that stands in no container.</summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="inbox">The inbox.</param>
    /// <param name="kept">Told after each push that was answered; null: nobody is.</param>
    public static IEndpointRouteBuilder MapPushInbox(this IEndpointRouteBuilder endpoints, PushInbox inbox, Action<PushAnswer>? kept = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(inbox);
        endpoints.MapPost(IvxpProtocol.Routes.Receive, context => TakeAsync(context, inbox, PushInbox.MaxBytes, kept));
        endpoints.MapPost(IvxpProtocol.Routes.Callback, context => TakeAsync(context, inbox, PushInbox.MaxCallbackBytes, kept));
        return endpoints;
    }

    private static async Task TakeAsync(HttpContext context, PushInbox inbox, int most, Action<PushAnswer>? kept)
    {
        if (await ReadAsync(context, most) is not { } body)
        {
            await WriteAsync(context, StatusCodes.Status413PayloadTooLarge, """{"error":"Payload too large"}""");
            return;
        }

        var headers = context.Request.Headers;
        var answer = await inbox.TakeAsync(new IncomingPush(
            body, headers[IvxpProtocol.Headers.DeliveryId], headers[IvxpProtocol.Headers.WebhookId], headers[IvxpProtocol.Headers.WebhookTimestamp], headers[IvxpProtocol.Headers.WebhookSignature]));
        // The words are those of the sources' receivers.
        await WriteAsync(context, (int)answer, answer switch
        {
            PushAnswer.Kept => """{"status":"received"}""",
            PushAnswer.Refused => """{"error":"Invalid delivery"}""",
            _ => """{"error":"Failed to save"}""",
        });
        kept?.Invoke(answer);
    }

    private static Task WriteAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The body, or null if it is larger; no more than that is read.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext context, int most)
    {
        if (context.Request.ContentLength > most) { return null; }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) { limit.MaxRequestBodySize = most + 1; }
        // Grows with what arrives, so that an announcement alone costs no memory.
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0;)
        {
            if (buffer.Length + read > most) { return null; }
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }
}
