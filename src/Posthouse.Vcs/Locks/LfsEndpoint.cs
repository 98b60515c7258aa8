namespace Posthouse.Vcs.Locks;

/// <summary>Where a remote's LFS services are, and the credentials that its address carries.</summary>
/// <param name="Uri">The address, without user name and password, without a slash at its end.</param>
/// <param name="UserInfo">User name and password as <c>name:password</c>, or null.</param>
internal sealed record LfsEndpoint(Uri Uri, string? UserInfo)
{
    private const string Suffix = "/info/lfs";

    /// <summary>The endpoint beside a Git remote, by LFS's own rule; null where the remote is not reached over HTTP.</summary>
    /// <param name="pushUrl">The remote's push address.</param>
    public static LfsEndpoint? Beside(string pushUrl) => Of(pushUrl.TrimEnd('/')) is not { } remote ? null
        : remote with { Uri = new Uri(remote.Uri + (remote.Uri.AbsolutePath.EndsWith(".git", StringComparison.Ordinal) ? "" : ".git") + Suffix) };

    /// <summary>An endpoint that is configured by its own address (<c>lfs.url</c>); null where that is not HTTP.</summary>
    public static LfsEndpoint? Of(string url)
    {
        if (!Uri.TryCreate(url.TrimEnd('/'), UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            return null;
        var bare = new UriBuilder(uri) { UserName = "", Password = "" }.Uri.AbsoluteUri.TrimEnd('/');
        return new LfsEndpoint(new Uri(bare), uri.UserInfo.Length == 0 ? null : Uri.UnescapeDataString(uri.UserInfo));
    }

    /// <summary>The address of one of its services.</summary>
    public Uri At(string service) => new($"{Uri}/{service}");
}
