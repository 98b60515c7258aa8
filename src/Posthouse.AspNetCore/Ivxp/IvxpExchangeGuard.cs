using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Diagnostics;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>
/// What surrounds every exchange: the client's share, the origins of browsers, the path's methods, and an answer in the words of
/// the protocol to whatever fails.
/// </summary>
internal static class IvxpExchangeGuard
{
    // The store's own wait for its gate is 10 s, so that it is worth trying soon.
    private static readonly TimeSpan StoreBackIn = TimeSpan.FromSeconds(5);

    /// <summary>Runs one exchange.</summary>
    /// <param name="context">The exchange.</param>
    /// <param name="path">The path's pattern, which unlike the path itself may be logged: it names no order.</param>
    /// <param name="methods">The methods it takes; none where there is no such path.</param>
    /// <param name="handler">What answers.</param>
    public static async Task RunAsync(HttpContext context, string path, string methods, RequestDelegate handler)
    {
        var edge = IvxpEdge.Of(context);
        if (edge?.Origins.Answer(context) is true)
            return;
        if (Refuse(context, edge, path, methods) is { } refusal)
        {
            await IvxpAnswers.RefuseAsync(context, refusal);
            return;
        }
        try
        {
            await handler(context);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Posthouse.AspNetCore.Ivxp").ExchangeFailed(e, path);
            await IvxpAnswers.RefuseAsync(context, e switch
            {
                BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => IvxpAnswers.TooLarge,
                BadHttpRequestException => new Refusal(IvxpErrors.InvalidRequest, "The body could not be read."),
                PosthouseException { IsTransient: true } => new Refusal(IvxpErrors.ServiceUnavailable, "The provider's store is busy. Ask again soon.", RetryAfter: StoreBackIn),
                _ => new Refusal(IvxpErrors.InternalError, "The provider failed. Your order is kept."),
            });
        }
    }

    private static Refusal? Refuse(HttpContext context, IvxpEdge? edge, string path, string methods)
    {
        if (edge?.Limits.Count(context) is { } tooMany)
            return tooMany;
        if (methods.Length > 0 && !methods.Split(", ").Contains(context.Request.Method))
        {
            context.Response.Headers.Allow = methods;
            return new Refusal(IvxpErrors.MethodNotAllowed, $"This path takes {methods}.");
        }
        return path.Contains("{id}", StringComparison.Ordinal) || path == IvxpProtocol.Routes.Deliver ? edge?.Limits.RefuseGuessing(context) : null;
    }
}
