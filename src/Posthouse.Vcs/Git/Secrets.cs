using System.Text.RegularExpressions;

namespace Posthouse.Vcs.Git;

/// <summary>Takes from a text what must not be shown, logged or kept.</summary>
internal static partial class Secrets
{
    /// <summary>The text without the user names and passwords of addresses, without Authorization and cookies, and without tokens in queries.</summary>
    public static string Strip(string text) => Token().Replace(Header().Replace(UserInfo().Replace(text, "$1"), "$1: …"), "$1…");

    // Up to the last @ before the path: people paste passwords that hold one.
    [GeneratedRegex(@"\b([a-z][a-z0-9+.-]*://)[^/\s'""]*@", RegexOptions.IgnoreCase)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"\b(proxy-authorization|authorization|set-cookie|cookie|x-api-key|private-token):[^\r\n]*", RegexOptions.IgnoreCase)]
    private static partial Regex Header();

    [GeneratedRegex(@"([?&](?:access_token|private_token|token|password|api_key|key|sig|signature)=)[^&\s'""]*", RegexOptions.IgnoreCase)]
    private static partial Regex Token();
}
