using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>Which web pages may call the provider from a browser (Fetch standard, CORS protocol). Others get no permission, and their browser keeps the answer from them.</summary>
internal sealed class BrowserOrigins(IReadOnlyList<string> origins)
{
    private const string Any = "*";
    private const string Methods = "GET, POST, OPTIONS";

    // Ten minutes, as the original's demo says: a page asks once for a whole purchase.
    private const string MaxAge = "600";

    private static readonly string _readable = string.Join(", ", "Retry-After", "Date", IvxpProtocol.Headers.Version,
        IvxpProtocol.Headers.RateLimit, IvxpProtocol.Headers.RateRemaining, IvxpProtocol.Headers.RateReset);

    /// <summary>Writes the permission; true if this was a question for it alone, which is thereby answered.</summary>
    public bool Answer(HttpContext context)
    {
        var origin = context.Request.Headers.Origin;
        if (origins.Count == 0 || StringValues.IsNullOrEmpty(origin))
            return false;
        var headers = context.Response.Headers;
        headers.Append("Vary", "Origin");
        if (origins.Contains(origin.ToString()))
            (headers.AccessControlAllowOrigin, headers.AccessControlAllowCredentials) = (origin, "true");
        else if (origins.Contains(Any))
            headers.AccessControlAllowOrigin = Any;
        else
            return false;
        headers.AccessControlExposeHeaders = _readable;
        if (!HttpMethods.IsOptions(context.Request.Method) || StringValues.IsNullOrEmpty(context.Request.Headers.AccessControlRequestMethod))
            return false;
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders;
        headers.AccessControlMaxAge = MaxAge;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
