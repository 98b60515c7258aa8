using System.Globalization;

namespace Posthouse.Vcs.Git;

/// <summary>
/// The variables that every run of Git gets: one language, no questions, no editor, no output of its own tracing, and nothing of
/// a Git that may have started this program (a hook's variables point at another repository).
/// </summary>
internal static class GitEnvironment
{
    private static readonly string[] _foreign =
    [
        "GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE",
        "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_INTERNAL_SUPER_PREFIX", "GIT_CURL_VERBOSE", "GIT_LITERAL_PATHSPECS", "GIT_EXTERNAL_DIFF", "LANGUAGE",
    ];

    /// <summary>Puts the variables into a set that began as this process's own.</summary>
    public static void Apply(IDictionary<string, string?> variables, GitOptions options, GitCall call)
    {
        foreach (var name in variables.Keys.Where(name => name.StartsWith("GIT_TRACE", StringComparison.Ordinal)).Concat(_foreign).ToList())
            variables.Remove(name);
        variables["LC_ALL"] = "C";
        variables["GIT_TERMINAL_PROMPT"] = "0";
        variables["GIT_ASKPASS"] = ""; // Set and empty: no program asks, not even one that core.askPass or SSH_ASKPASS names.
        variables["SSH_ASKPASS_REQUIRE"] = "never";
        variables["GCM_INTERACTIVE"] = "never";
        variables["GIT_EDITOR"] = ":";
        variables["GIT_PAGER"] = "cat";
        variables["GIT_LFS_FORCE_PROGRESS"] = "1"; // Its pre-push hook sends the large files: a silent one would be taken for one that hangs.
        variables["GIT_OPTIONAL_LOCKS"] = "0"; // Looking at a work tree must not write its index.
        variables["GIT_HTTP_LOW_SPEED_LIMIT"] = options.StallBytesPerSecond.ToString(CultureInfo.InvariantCulture);
        variables["GIT_HTTP_LOW_SPEED_TIME"] = ((int)options.StallTime.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in call.Environment)
        {
            if (value is null)
                variables.Remove(name);
            else
                variables[name] = value;
        }
    }
}
