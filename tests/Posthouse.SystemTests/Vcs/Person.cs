using System.Diagnostics;
using System.Text;

namespace Posthouse.SystemTests.Vcs;

/// <summary>Somebody at a machine of their own: a home, a pocket, a Git identity, and a shell in which posthouse is a command.</summary>
internal sealed class Person
{
    /// <summary>A net under a test that would hang; no test waits for it.</summary>
    private static readonly TimeSpan _safetyNet = TimeSpan.FromMinutes(3);

    private readonly Stage _stage;
    private readonly string[] _under;

    /// <param name="stage">Where the play is.</param>
    /// <param name="name">The person's user name.</param>
    /// <param name="fullName">The name in Git.</param>
    /// <param name="host">What the person's machine is called.</param>
    /// <param name="under">A program that the shell runs under, such as one that enters another network.</param>
    public Person(Stage stage, string name, string fullName, string host, params string[] under)
    {
        (_stage, Name, Host, _under) = (stage, name, host, under);
        Home = Directory.CreateDirectory(Path.Combine(stage.Root, "home", name)).FullName;
        Folder = Home;
        File.WriteAllText(Path.Combine(Home, ".gitconfig"), $"[user]\n\tname = {fullName}\n\temail = {name}@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n");
        stage.Cast.Add(this);
    }

    public string Name { get; }

    public string Host { get; }

    public string Home { get; }

    /// <summary>The folder in which the next line is run; <c>cd</c> changes it.</summary>
    public string Folder { get; private set; }

    /// <summary>Runs a line of shell to its end; both outputs come as one, in their order.</summary>
    public async Task<(int Exit, string Output)> RunAsync(string line, string? input = null)
    {
        using var process = Start(line);
        if (input is not null) { await process.StandardInput.WriteAsync(input); }
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(_safetyNet);
        await process.WaitForExitAsync().WaitAsync(_safetyNet);
        if (line.StartsWith("cd ", StringComparison.Ordinal)) { Folder = Path.GetFullPath(line[3..].Trim('"'), Folder); }
        return (process.ExitCode, output);
    }

    /// <summary>Runs a line that has to succeed.</summary>
    public async Task<string> DoAsync(string line, string? input = null)
    {
        var (exit, output) = await RunAsync(line, input);
        exit.ShouldBe(0, $"{line}\n{output}");
        return output;
    }

    /// <summary>Starts a line of shell.</summary>
    public Process Start(string line)
    {
        string[] command = [.. _under, "sh", "-c", line + " 2>&1"];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("GIT_", StringComparison.Ordinal) || name.StartsWith("LC_", StringComparison.Ordinal) || name.StartsWith("POSTHOUSE_", StringComparison.Ordinal)).ToList()) { start.Environment.Remove(name); }
        start.Environment["HOME"] = Home;
        start.Environment["LOGNAME"] = Name;
        start.Environment["POSTHOUSE_HOME"] = Path.Combine(Home, "pocket");
        start.Environment["PATH"] = $"{_stage.Programs}:{start.Environment["PATH"]}";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["TZ"] = "UTC";
        start.Environment["NO_COLOR"] = "1";
        return Process.Start(start)!;
    }
}
