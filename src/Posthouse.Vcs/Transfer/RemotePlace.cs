using System.Text.RegularExpressions;

namespace Posthouse.Vcs.Transfer;

/// <summary>How a remote is reached.</summary>
internal enum PlaceKind
{
    /// <summary>A folder of this machine, or of a disk that is mounted.</summary>
    Folder = 1,

    /// <summary>HTTP or HTTPS.</summary>
    Http = 2,

    /// <summary>ssh, whose own configuration may name another host and port.</summary>
    Ssh = 3,

    /// <summary>Git's own protocol.</summary>
    Git = 4,
}

/// <summary>Where a remote's address points.</summary>
/// <param name="Kind">How.</param>
/// <param name="Host">The host's name; for a folder its path.</param>
/// <param name="Port">The port; 0 where there is none, or where ssh is to say it.</param>
/// <param name="User">The user's name in the address, or null.</param>
/// <param name="IsTls">Whether it is HTTPS.</param>
internal sealed partial record RemotePlace(PlaceKind Kind, string Host, int Port, string? User = null, bool IsTls = false)
{
    /// <summary>Git's own port.</summary>
    private const int GitPort = 9418;

    /// <summary>Of a folder, whether something is in it: an empty one is where a disk or a share is mounted at other times.</summary>
    /// <remarks>As Git does, the name is tried with <c>.git</c> behind it, too.</remarks>
    public bool IsThere => File.Exists(Host) || HasContent(Host) || HasContent(Path.TrimEndingDirectorySeparator(Host) + ".git");

    /// <summary>Reads an address as Git does; null where only a helper of Git knows what it means.</summary>
    /// <param name="address">The address.</param>
    /// <param name="root">What a relative path starts from.</param>
    public static RemotePlace? Of(string address, string root)
    {
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && address.Contains("://", StringComparison.Ordinal))
        {
            var user = uri.UserInfo.Split(':')[0] is { Length: > 0 } given ? Uri.UnescapeDataString(given) : null;
            return uri.Scheme switch
            {
                "http" or "https" => new RemotePlace(PlaceKind.Http, uri.IdnHost, uri.Port, user, uri.Scheme == "https"),
                "ssh" or "git+ssh" or "ssh+git" => new RemotePlace(PlaceKind.Ssh, uri.IdnHost, Math.Max(0, uri.Port), user),
                "git" => new RemotePlace(PlaceKind.Git, uri.IdnHost, uri.Port > 0 ? uri.Port : GitPort),
                "file" => new RemotePlace(PlaceKind.Folder, uri.LocalPath, 0),
                _ => null,
            };
        }

        // A folder wins over "host:path" where a slash comes before the colon, as in Git.
        if (ScpLike().Match(address) is { Success: true } match)
            return new RemotePlace(PlaceKind.Ssh, match.Groups["host"].Value, 0, match.Groups["user"].Success ? match.Groups["user"].Value : null);
        return address.Contains("::", StringComparison.Ordinal) ? null : new RemotePlace(PlaceKind.Folder, Path.GetFullPath(address, root), 0);
    }

    private static bool HasContent(string folder)
    {
        try
        {
            return Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (UnauthorizedAccessException)
        {
            return true; // It is there; what it does not allow is for Git to say.
        }
    }

    [GeneratedRegex(@"^(?:(?<user>[^@/:\\]+)@)?(?<host>[^@/:\\]{2,}|\[[^\]/]+\]):(?!:)")]
    private static partial Regex ScpLike();
}
