namespace Posthouse.AspNetCore.Dashboard;

/// <summary>The codes that the dashboard itself answers with; others come from the rooms that it asks.</summary>
internal static class DashboardErrors
{
    /// <summary>403: no token is configured, and the browser is on another machine.</summary>
    public const string LocalOnly = "DASHBOARD_LOCAL_ONLY";

    /// <summary>403: the address that the browser shows is none of this server's.</summary>
    public const string HostRefused = "DASHBOARD_HOST_REFUSED";

    /// <summary>403: another site's page asked.</summary>
    public const string OriginRefused = "DASHBOARD_ORIGIN_REFUSED";

    /// <summary>400: the form is not one that this server gave out, or not any more.</summary>
    public const string FormExpired = "DASHBOARD_FORM_EXPIRED";

    /// <summary>401: the token has to be given first.</summary>
    public const string SignInNeeded = "DASHBOARD_SIGN_IN_NEEDED";

    /// <summary>401: another token was given.</summary>
    public const string TokenWrong = "DASHBOARD_TOKEN_WRONG";

    /// <summary>400: a token came over a line that others can read.</summary>
    public const string LineInsecure = "DASHBOARD_LINE_INSECURE";

    /// <summary>503: as many pages move as the server moves at once.</summary>
    public const string StreamsFull = "DASHBOARD_STREAMS_FULL";

    /// <summary>404: no page is called so.</summary>
    public const string PageUnknown = "DASHBOARD_PAGE_UNKNOWN";

    /// <summary>500: a bug.</summary>
    public const string Unexpected = "DASHBOARD_UNEXPECTED";
}
