using System.Diagnostics;
using Posthouse.Vcs.Git;

namespace Posthouse.Tests.Vcs.Projects;

/// <summary>The machine's Git, run plainly and with no configuration but the test's own.</summary>
internal sealed class PlainGit : IGit
{
    /// <summary>Runs it and insists on success.</summary>
    public static async Task<string> DoAsync(string folder, params string[] arguments)
    {
        var answer = await new PlainGit().RunAsync(new GitCall(folder, arguments), TestContext.Current.CancellationToken);
        answer.ExitCode.ShouldBe(0, string.Join(' ', arguments) + ": " + answer.Errors);
        return answer.Text.Trim();
    }

    public int Calls { get; private set; }

    public async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        Calls++;
        var start = new ProcessStartInfo("git", call.Arguments)
        {
            WorkingDirectory = call.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("GIT_", StringComparison.Ordinal)).ToList()) { start.Environment.Remove(name); }
        start.Environment["LC_ALL"] = "C";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        foreach (var (name, value) in call.Environment) { start.Environment[name] = value; }
        using var process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(call.Input, cancellationToken);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new GitResult(process.ExitCode, output.ToArray(), await errors);
    }
}
