using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>What a client asks for with its wallet's signature alone.</summary>
internal static class InboxEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints) => IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Inbox, "GET", InboxAsync);

    /// <summary>The header fields of a signed request. A field given twice is none.</summary>
    public static SignedHeaders Signed(HttpContext context) => new(
        One(context, IvxpProtocol.Headers.Address), One(context, IvxpProtocol.Headers.Timestamp), One(context, IvxpProtocol.Headers.Signature));

    /// <summary>A result is a file and never a page: a browser neither guesses what it is nor shows it.</summary>
    public static void ShowAsFile(HttpContext context, string orderId)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{orderId}.json\"";
    }

    private static async Task InboxAsync(HttpContext context)
    {
        // What is in it concerns one reader at one time.
        context.Response.Headers.CacheControl = "no-store";
        var page = await IvxpRoute.Get<Inbox>(context).AnswerAsync(Signed(context), Query(context, "after"), Query(context, "limit"), IvxpRoute.Version(context));
        await IvxpAnswers.WriteAsync(context, page, IvxpJson.Wire.InboxPage);
    }

    private static string? One(HttpContext context, string name) => context.Request.Headers[name] is [{ Length: > 0 } one] ? one : null;

    private static string? Query(HttpContext context, string name) => context.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;
}
