namespace Posthouse.Vcs.Git;

/// <summary>A remote's address, as it may be shown.</summary>
internal static class RemoteAddress
{
    /// <summary>The address without user name and password: <c>https://host/a.git</c>, <c>host:a.git</c>, a path as it is.</summary>
    public static string Shown(string url)
    {
        if (url.Contains("://", StringComparison.Ordinal))
            return Secrets.Strip(url);
        // "user@host:path" of ssh; a path with a slash before its first colon is a path.
        var colon = url.IndexOf(':');
        var at = colon < 0 ? -1 : url.LastIndexOf('@', colon);
        return at < 0 || url.AsSpan(0, colon).Contains('/') ? url : url[(at + 1)..];
    }
}
