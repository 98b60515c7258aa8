using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Posthouse.SystemTests.Processes;

/// <summary>Another process of a test, in a role of Posthouse.Tests.Prober; killed when the test ends.</summary>
internal sealed partial class Prober : IDisposable
{
    private const int Continue = 18;
    private const int Halt = 19;
    private const int Terminate = 15;

    /// <summary>A net under a test that would hang.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private Prober(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The exit code of a process that died of SIGKILL.</summary>
    public const int Killed = 128 + 9;

    public static Prober Start(string role, string database, params string[] arguments) => Start([], null, role, database, arguments);

    /// <summary>Starts a process that dies at a crash point, written as <c>number</c> or <c>number:times</c>.</summary>
    public static Prober StartToDie(string crashAt, string role, string database, params string[] arguments) => Start([], crashAt, role, database, arguments);

    /// <summary>Starts a process under another program, such as a tracer that makes calls of the system fail.</summary>
    public static Prober StartUnder(string[] tracer, string role, string database, params string[] arguments) => Start(tracer, null, role, database, arguments);

    /// <summary>Starts a process with more of an environment, such as the server that its jobs live in.</summary>
    public static Prober StartWith(IReadOnlyDictionary<string, string> environment, string role, string database, params string[] arguments) =>
        Start([], null, role, database, arguments, environment);

    public void Stop() => Signal(Halt);

    public void GoOn() => Signal(Continue);

    public void AskToEnd() => Signal(Terminate);

    public void Kill() => _process.Kill();

    /// <summary>Reads lines until this one.</summary>
    public async Task Says(string line)
    {
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience) is var said && said != line)
        {
            if (said is null)
                throw new InvalidOperationException($"It ended before it said {line}: {await _errors}");
        }
    }

    /// <summary>The next line that it says.</summary>
    public async Task<string> LineAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience) ?? throw new InvalidOperationException($"It ended: {await _errors}");

    /// <summary>Waits for its end, and gives its exit code.</summary>
    public async Task<int> Ends()
    {
        var rest = _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync().WaitAsync(s_patience);
        await rest;
        return _process.ExitCode;
    }

    /// <summary>Waits for its end, which has to be a good one.</summary>
    public async Task EndsWell() => (await Ends()).ShouldBe(0, await _errors);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            GoOn();
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static Prober Start(string[] tracer, string? crashAt, string role, string database, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Posthouse.Tests.Prober.dll");
        string[] line = [.. tracer, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", program, role, database, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (crashAt is not null)
            start.Environment["POSTHOUSE_CRASH_AT"] = crashAt;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new Prober(Process.Start(start)!);
    }

    private void Signal(int signal) => Kill(_process.Id, signal).ShouldBe(0);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
