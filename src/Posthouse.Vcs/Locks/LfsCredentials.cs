using System.Text;
using Posthouse.Vcs.Git;

namespace Posthouse.Vcs.Locks;

/// <summary>The user name and password for an LFS endpoint: those of its address, else what Git's credential programs know. Kept in memory alone.</summary>
internal sealed class LfsCredentials(IGit git, string folder, LfsEndpoint endpoint)
{
    private string? _filled; // What Git's programs answered, to tell them how it went.
    private string? _header = endpoint.UserInfo is { } given ? Basic(given) : null;

    /// <summary>The Authorization field's value, or null while nothing is known.</summary>
    public string? Header => _header;

    /// <summary>Asks Git's credential programs. False: they know nothing.</summary>
    public async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        var asked = $"protocol={endpoint.Uri.Scheme}\nhost={endpoint.Uri.Authority}\npath={endpoint.Uri.AbsolutePath.TrimStart('/')}\n";
        var answer = await git.RunAsync(new GitCall(folder, "credential", "fill") { Input = Encoding.UTF8.GetBytes(asked + "\n") }, cancellationToken);
        var (user, password) = (Value(answer.Text, "username"), Value(answer.Text, "password"));
        if (answer.ExitCode != 0 || user is null || password is null)
            return false;
        _filled = answer.Text;
        _header = Basic($"{user}:{password}");
        return true;
    }

    /// <summary>Tells Git's programs whether what they gave was taken; once.</summary>
    public async Task SettleAsync(bool isGood, CancellationToken cancellationToken)
    {
        if (_filled is not { } filled)
            return;
        _filled = null;
        if (!isGood)
            _header = null;
        await git.RunAsync(new GitCall(folder, "credential", isGood ? "approve" : "reject") { Input = Encoding.UTF8.GetBytes(filled.TrimEnd('\n') + "\n\n") }, cancellationToken);
    }

    private static string Basic(string userInfo) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(userInfo));

    private static string? Value(string text, string name) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..].TrimEnd('\r');
}
