using System.Net;
using Microsoft.AspNetCore.Http;

namespace Posthouse.AspNetCore.Dashboard.Guard;

/// <summary>Why a request is not answered.</summary>
/// <param name="Code">One of <see cref="DashboardErrors"/>.</param>
/// <param name="Message">What to do instead.</param>
internal sealed record Refused(string Code, string Message);

/// <summary>
/// Decides by where a request comes from, before anybody knows who sent it: other machines, names that a stranger made to lead here (DNS
/// rebinding), and other sites' pages. Pure.
/// </summary>
internal sealed class RequestGuard(DashboardOptions options)
{
    private const string FetchSite = "Sec-Fetch-Site";
    private const string FetchMode = "Sec-Fetch-Mode";

    /// <summary>Why a look is refused, or null.</summary>
    public Refused? Look(HttpContext context) => Peer(context) ?? Host(context.Request) ?? Embedding(context.Request);

    /// <summary>Why a change is refused, or null. That the form is ours is asked besides.</summary>
    public Refused? Change(HttpContext context) => Peer(context) ?? Host(context.Request) ?? Origin(context.Request);

    private Refused? Peer(HttpContext context) => options.Token is not null || ThisMachine.Asks(context)
        ? null
        : new(DashboardErrors.LocalOnly, "The dashboard is open to browsers on the server's own machine. For others, set Dashboard:TokenFile and start the server again.");

    /// <summary>An address cannot be rebound, a name can: only names that are known here are answered.</summary>
    private Refused? Host(HttpRequest request)
    {
        var name = request.Host.Host.Trim('[', ']');
        return IPAddress.TryParse(name, out _) || name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || options.Hosts.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? null
            : new(DashboardErrors.HostRefused, "This server does not know that name as its own. Ask by address, or add the name to Dashboard:Hosts and start the server again.");
    }

    /// <summary>A person may follow a link to here from anywhere; a page may not fetch, frame or load anything of this one.</summary>
    private static Refused? Embedding(HttpRequest request) =>
        request.Headers[FetchSite].ToString() is "cross-site" or "same-site" && request.Headers[FetchMode] != "navigate"
            ? new(DashboardErrors.OriginRefused, "Pages of other sites get nothing from here.")
            : null;

    /// <summary>Browsers say where a form comes from; what says nothing is none.</summary>
    private static Refused? Origin(HttpRequest request)
    {
        var (site, origin) = (request.Headers[FetchSite].ToString(), request.Headers.Origin.ToString());
        var isOurs = (site.Length > 0 || origin.Length > 0) && site is "" or "same-origin" && (origin.Length == 0 || IsOwn(request, origin));
        return isOurs ? null : new(DashboardErrors.OriginRefused, "A change is taken from this dashboard's own pages alone.");
    }

    private static bool IsOwn(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Scheme is "http" or "https" && string.Equals(page.Authority, Authority(request, page.Scheme), StringComparison.OrdinalIgnoreCase);

    /// <summary>The host as an address of this scheme writes it: without the port that goes without saying.</summary>
    private static string Authority(HttpRequest request, string scheme) => new UriBuilder($"{scheme}://{request.Host.Value}").Uri.Authority;
}
