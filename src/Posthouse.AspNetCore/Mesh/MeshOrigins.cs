using Microsoft.AspNetCore.Http;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>
/// Which web pages may read prices. A WebSocket is not held back by the browser as a request is (RFC 6455 §10.2), so its origin is looked at
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
        if (!allowed.Contains(Any) && !allowed.Contains(origin, StringComparer.OrdinalIgnoreCase))
            return false;
        context.Response.Headers.AccessControlAllowOrigin = allowed.Contains(Any) ? Any : origin;
        context.Response.Headers.Append("Vary", "Origin");
        return true;
    }

    private static bool IsOwn(HttpContext context, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, context.Request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
