using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Diagnostics;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>What surrounds every exchange: the method is one of the path's, and whatever fails is answered in the words of the protocol.</summary>
internal static class IvxpExchangeGuard
{
    // The store's own wait for its gate is 10 s, so that it is worth trying soon.
    private static readonly TimeSpan StoreBackIn = TimeSpan.FromSeconds(5);

    /// <summary>Runs one exchange.</summary>
    /// <param name="context">The exchange.</param>
    /// <param name="path">The path's pattern, which unlike the path itself may be logged: it names no order.</param>
    /// <param name="methods">The methods it takes.</param>
    /// <param name="handler">What answers.</param>
    public static async Task RunAsync(HttpContext context, string path, string methods, RequestDelegate handler)
    {
        if (!methods.Split(", ").Contains(context.Request.Method))
        {
            context.Response.Headers.Allow = methods;
            await IvxpAnswers.RefuseAsync(context, new Refusal(IvxpErrors.MethodNotAllowed, $"This path takes {methods}."));
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
}
