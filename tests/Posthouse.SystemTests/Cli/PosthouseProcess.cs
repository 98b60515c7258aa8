using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Posthouse.SystemTests.Cli;

/// <summary>The real program as a process of its own.</summary>
internal sealed partial class PosthouseProcess : IDisposable
{
    /// <summary>A net under a test that would hang; no test waits for it.</summary>
    private static readonly TimeSpan _safetyNet = TimeSpan.FromSeconds(60);

    private const int Terminate = 15;

    private const int KeyboardInterrupt = 2;

    private readonly Process _process;
    private readonly Task<string> _error;

    private PosthouseProcess(Process process) => (_process, _error) = (process, process.StandardError.ReadToEndAsync());

    /// <summary>The exit code of a process that died of SIGKILL.</summary>
    public const int Killed = 128 + 9;

    public static PosthouseProcess Start(params string[] words) => Start(null, words);

    /// <summary>Starts the program; one that is given a crash point, written as <c>number</c> or <c>number:times</c>, dies there.</summary>
    /// <param name="crashAt">Where, or null.</param>
    /// <param name="words">The command line.</param>
    /// <param name="home">The folder of the person's own files; null: as the test itself.</param>
    public static PosthouseProcess Start(string? crashAt, string[] words, string? home = null) => StartUnder([], crashAt, words, home);

    /// <summary>Starts the program under a tracer, which must leave it its own process id.</summary>
    public static PosthouseProcess StartUnder(string[] tracer, string? crashAt, string[] words, string? home = null)
    {
        string[] command = [.. tracer, "dotnet"];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var word in command.Skip(1)) { start.ArgumentList.Add(word); }
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll"));
        foreach (var word in words) { start.ArgumentList.Add(word); }
        if (crashAt is not null) { start.Environment["POSTHOUSE_CRASH_AT"] = crashAt; }
        if (home is not null) { start.Environment["POSTHOUSE_HOME"] = home; }
        return new PosthouseProcess(Process.Start(start)!);
    }

    public int Id => _process.Id;

    /// <summary>Runs a verb to its end.</summary>
    public static Task<(int Exit, string Output, string Error)> RunAsync(params string[] words) => RunAsync(null, words);

    /// <summary>Runs a verb to its end, for the person who lives there.</summary>
    public static async Task<(int Exit, string Output, string Error)> RunAsync(string? home, string[] words)
    {
        using var program = Start(null, words, home);
        return await program.EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<(int Exit, string Output, string Error)> EndAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync().WaitAsync(_safetyNet);
        return (await ExitAsync(), output, await _error);
    }

    /// <summary>The next line of standard output.</summary>
    public async Task<string> LineAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(_safetyNet) ?? throw new InvalidOperationException("It ended: " + await _error);

    /// <summary>Asks it to end, as a supervisor does.</summary>
    public void AskToEnd() => Kill(_process.Id, Terminate).ShouldBe(0);

    /// <summary>Ends it as Ctrl+C does.</summary>
    public void Interrupt() => Kill(_process.Id, KeyboardInterrupt).ShouldBe(0);

    /// <summary>Ends it without a word.</summary>
    public void Kill() => _process.Kill();

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(_safetyNet);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) { _process.Kill(); }
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
