using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Projects;

/// <summary>Who this is, as lock records name them.</summary>
internal static class Owner
{
    /// <summary>
    /// Reads the Git identity as Git itself would use it for a commit: environment, then configuration, then the system. Where Git
    /// knows none, the system's user stands for it: a lock needs no e-mail address.
    /// </summary>
    /// <param name="git">Git.</param>
    /// <param name="folder">A folder of the project.</param>
    /// <param name="cloneId">The clone.</param>
    /// <param name="machineId">The machine.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<LockOwner> OfAsync(IGit git, string folder, string cloneId, string machineId, CancellationToken cancellationToken)
    {
        // POSIX says LOGNAME is who signed in; in a container without a list of users it is all there is. Names are claimed, ids decide.
        var user = Environment.GetEnvironmentVariable("LOGNAME") is { Length: > 0 } signedIn ? signedIn : Environment.UserName is { Length: > 0 } known ? known : "somebody";
        var host = Environment.MachineName;
        var answer = await git.RunAsync(new GitCall(folder, "var", "GIT_AUTHOR_IDENT"), cancellationToken);
        var (name, email) = answer.ExitCode == 0 ? Parse(answer.Text) : (user, $"{user}@{host}");
        return new LockOwner(name.Length > 0 ? name : user, email, user, host, machineId, cloneId);
    }

    /// <summary>Name and address of <c>Name &lt;address&gt; seconds zone</c>.</summary>
    internal static (string Name, string Email) Parse(string ident)
    {
        var open = ident.LastIndexOf('<');
        var close = ident.LastIndexOf('>');
        return open >= 0 && close > open ? (ident[..open].Trim(), ident[(open + 1)..close].Trim()) : (ident.Trim(), "");
    }
}
