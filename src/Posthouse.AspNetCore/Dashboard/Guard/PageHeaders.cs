using Microsoft.AspNetCore.Http;

namespace Posthouse.AspNetCore.Dashboard.Guard;

/// <summary>What a browser is told about every answer of the dashboard.</summary>
internal static class PageHeaders
{
    /// <summary>
    /// Nothing but this server's own files, no inline script or style, no frames. HTML enters the document through one policy alone, the one
    /// that the page's first script makes; strings become no script anywhere.
    /// </summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        + "require-trusted-types-for 'script'; trusted-types default";

    /// <summary>Sets them; a file that never changes may then say that it may be kept.</summary>
    public static void Set(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        // Not 'no-referrer': browsers would then hide the origin of our own forms, which is looked at.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
    }
}
