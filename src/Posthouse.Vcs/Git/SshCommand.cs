namespace Posthouse.Vcs.Git;

/// <summary>How Git is to call ssh so that it never asks, and notices a line that is dead.</summary>
internal static class SshCommand
{
    /// <summary>What Git reads it from, before anything else.</summary>
    public const string Variable = "GIT_SSH_COMMAND";

    /// <summary>Behind the person's own options, for ssh takes the first of each.</summary>
    private const string Options = " -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=10 -o ServerAliveCountMax=3";

    /// <summary>The command; null where the person named a program that may not know these options: it is called as they said.</summary>
    /// <param name="variable">Reads a variable of the environment.</param>
    /// <param name="configured">What <c>core.sshCommand</c> says, or null.</param>
    public static string? Of(Func<string, string?> variable, string? configured)
    {
        var own = variable(Variable) ?? configured ?? (variable("GIT_SSH") is { } program ? $"'{program.Replace("'", @"'\''", StringComparison.Ordinal)}'" : null);
        if (own is null)
            return "ssh" + Options;
        return ProgramOf(own.Trim()) is "ssh" or "ssh.exe" ? own.Trim() + Options : null;
    }

    /// <summary>The name of the program that a shell's line begins with.</summary>
    private static string ProgramOf(string line)
    {
        var quote = line.StartsWith('\'') || line.StartsWith('"') ? line[0] : ' ';
        var rest = quote == ' ' ? line : line[1..];
        var end = rest.IndexOf(quote, StringComparison.Ordinal);
        var path = end < 0 ? rest : rest[..end];
        return path[(path.LastIndexOfAny(['/', '\\']) + 1)..].ToLowerInvariant();
    }
}
