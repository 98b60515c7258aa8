using System.Diagnostics.CodeAnalysis;

namespace Posthouse.Vcs.Projects;

/// <summary>What credentials are for: a host that is spoken to over HTTP. Over ssh keys sign in, and a folder needs nobody.</summary>
/// <param name="Protocol"><c>https</c> or <c>http</c>.</param>
/// <param name="Host">The host, with its port where that is not the usual one.</param>
/// <param name="Path">The repository's path; Git uses it only where <c>credential.useHttpPath</c> is set.</param>
/// <param name="User">The user that the address names, or null.</param>
internal sealed record SignInPlace(string Protocol, string Host, string Path, string? User)
{
    /// <summary>The place without user and path.</summary>
    public string Url => $"{Protocol}://{Host}";

    /// <summary>Whether what is sent there can be read on the way.</summary>
    public bool IsOpen => Protocol == "http" && !Host.StartsWith("localhost", StringComparison.Ordinal) && !Host.StartsWith("127.", StringComparison.Ordinal) && !Host.StartsWith("[::1]", StringComparison.Ordinal);

    /// <summary>Reads the address of a remote, or a bare host, which means HTTPS.</summary>
    /// <returns>False where it is ssh, a path, or nothing that can be read.</returns>
    public static bool TryParse(string address, [NotNullWhen(true)] out SignInPlace? place)
    {
        place = null;
        if (!address.Contains("://", StringComparison.Ordinal) && !address.AsSpan().ContainsAny('/', '\\', '@') && !address.StartsWith('.') && !address.StartsWith('-'))
            address = "https://" + address;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Host.Length == 0)
            return false;
        var user = Uri.UnescapeDataString(uri.UserInfo.Split(':')[0]);
        place = new SignInPlace(uri.Scheme, uri.Authority, uri.AbsolutePath.TrimStart('/'), user.Length > 0 ? user : null);
        return true;
    }
}
