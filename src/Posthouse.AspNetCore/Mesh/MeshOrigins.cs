using Microsoft.AspNetCore.Http;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>
/// Which web pages may read prices, and which may, with the operator's token, change something. A WebSocket is not held back by the browser as a request is (RFC 6455 §10.2), so its origin is looked at
/// here; programs that are no browsers send none.
/// </summary>
internal sealed class MeshOrigins(IReadOnlyList<string> allowed)
{
    private const string Any = "*";

    /// <summary>Whether the page that asks may, and the permission that its browser wants to see.</summary>
    public bool Admits(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || IsOwn(context, origin))
            return true;
        if (!allowed.Contains(Any) && !IsNamed(origin))
            return false;
        context.Response.Headers.AccessControlAllowOrigin = allowed.Contains(Any) ? Any : origin;
        context.Response.Headers.Append("Vary", "Origin");
        return true;
    }

    /// <summary>Whether the page that asks may change something: only this server's own, and those that are named one by one.</summary>
    public bool AdmitsChange(HttpContext context) => context.Request.Headers.Origin.ToString() is var origin && (origin.Length == 0 || IsOwn(context, origin) || IsNamed(origin));

    /// <summary>Whether a page that asks beforehand may send the request (a preflight, Fetch §3.2.2), and the permission that its browser wants to see.</summary>
    public bool AdmitsPreflight(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (!IsNamed(origin))
            return false;
        var headers = context.Response.Headers;
        (headers.AccessControlAllowOrigin, headers.AccessControlAllowMethods, headers.AccessControlAllowHeaders) = (origin, "POST", "Authorization, Content-Type");
        headers.AccessControlMaxAge = "600";
        headers.Append("Vary", "Origin");
        return true;
    }

    private bool IsNamed(string origin) => origin != Any && allowed.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private static bool IsOwn(HttpContext context, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, context.Request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
