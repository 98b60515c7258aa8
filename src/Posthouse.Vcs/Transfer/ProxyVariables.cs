namespace Posthouse.Vcs.Transfer;

/// <summary>The variables by which curl, and so Git, finds a proxy.</summary>
internal static class ProxyVariables
{
    /// <summary>The proxy for a place, as written, or null.</summary>
    /// <param name="place">The place.</param>
    /// <param name="read">Reads a variable.</param>
    public static string? For(RemotePlace place, Func<string, string?> read)
    {
        // Upper-case HTTP_PROXY is not read: on a web server a request could set it.
        string[] names = place.IsTls ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] : ["http_proxy", "all_proxy", "ALL_PROXY"];
        return names.Select(read).FirstOrDefault(value => !string.IsNullOrEmpty(value));
    }

    /// <summary>Whether a host is to be reached without a proxy.</summary>
    public static bool IsExempt(string host, Func<string, string?> read)
    {
        var names = (read("no_proxy") ?? read("NO_PROXY") ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Any(name => name == "*" || IsWithin(host, name.TrimStart('.')));
    }

    private static bool IsWithin(string host, string name) =>
        host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + name, StringComparison.OrdinalIgnoreCase);
}
