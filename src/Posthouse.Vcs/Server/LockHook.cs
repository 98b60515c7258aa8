using System.Text;

namespace Posthouse.Vcs.Server;

/// <summary>
/// The hook that makes locks mandatory on a repository of one's own. On its own a lock is a word among colleagues, which
/// <c>posthouse push</c> keeps; the hook refuses everybody else's push of a locked path, and that of plain Git.
/// </summary>
internal static class LockHook
{
    private const string Open = "branch_rules=0";
    private const string ByBranch = "branch_rules=1";

    /// <summary>The text of <c>hooks/pre-receive</c>, for any POSIX shell, awk and Git 2.30.</summary>
    /// <param name="branchRules">Whether a lock binds only the branch on which it was taken; otherwise it binds all.</param>
    public static string Script(bool branchRules)
    {
        using var stream = typeof(LockHook).Assembly.GetManifestResourceStream("Posthouse.Vcs.Server.pre-receive.sh")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var script = reader.ReadToEnd();
        return branchRules ? script.Replace(Open, ByBranch, StringComparison.Ordinal) : script;
    }
}
