using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>What every route of the protocol is made with.</summary>
internal static class IvxpRoute
{
    /// <summary>Maps a path. Every method is mapped, because a framework's own 405 has no body that a client of this protocol could read.</summary>
    public static void Map(IEndpointRouteBuilder endpoints, string path, string methods, RequestDelegate handler) =>
        endpoints.Map(path, context => IvxpExchangeGuard.RunAsync(context, path, methods, handler));

    /// <summary>Reads a message, has it answered, and writes the answer or the refusal.</summary>
    public static async Task AnswerAsync<TIn, TOut>(HttpContext context, JsonTypeInfo<TIn> read, JsonTypeInfo<TOut> write, Func<TIn, Task<Reply<TOut>>> answer)
        where TIn : class
        where TOut : class
    {
        var message = await IvxpAnswers.ReadAsync(context, read);
        if (message.Refusal is { } refusal)
            await IvxpAnswers.RefuseAsync(context, refusal);
        else
            await IvxpAnswers.WriteAsync(context, await answer(message.Answer!), write);
    }

    /// <summary>A part of the room.</summary>
    public static T Get<T>(HttpContext context)
        where T : notnull => context.RequestServices.GetRequiredService<T>();

    /// <summary>The order that the path names, as it was written.</summary>
    public static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    /// <summary>A path of an order in full, as the client reaches it.</summary>
    public static string Url(HttpContext context, string path, string orderId)
    {
        var request = context.Request;
        var root = Get<IvxpOptions>(context).PublicUrl?.AbsoluteUri.TrimEnd('/') ?? $"{request.Scheme}://{request.Host}{request.PathBase}";
        return root + path.Replace("{id}", orderId, StringComparison.Ordinal);
    }

    /// <summary>The reader's wish of version, or null where it wishes none that there is.</summary>
    public static string? Version(HttpContext context) => context.Request.Headers[IvxpProtocol.Headers.Version] is ["1.0" or "1.1"] and [var wish] ? wish : null;
}
