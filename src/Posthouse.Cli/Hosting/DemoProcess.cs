using System.Diagnostics;

namespace Posthouse.Cli.Hosting;

/// <summary>This very program as a process of its own, with what it says handed on line by line.</summary>
internal sealed class DemoProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task _reading;

    private DemoProcess(Process process, Task reading) => (_process, _reading) = (process, reading);

    public int Id => _process.Id;

    /// <summary>Starts a verb; every line of both its outputs goes to <paramref name="line"/>.</summary>
    public static DemoProcess Start(string home, Action<string> line, params IReadOnlyList<string> words)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Started as "dotnet Posthouse.Cli.dll", the program is the runtime and the first word is ours.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") { start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]); }
        foreach (var word in words) { start.ArgumentList.Add(word); }
        start.Environment["POSTHOUSE_HOME"] = home;
        var process = Process.Start(start)!;
        return new DemoProcess(process, Task.WhenAll(ReadAsync(process.StandardOutput, line), ReadAsync(process.StandardError, line)));
    }

    /// <summary>Ends when the process has ended and all its lines were told.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _reading;
    }

    public void Dispose()
    {
        if (!_process.HasExited) { _process.Kill(); }
        _process.Dispose();
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> line)
    {
        while (await reader.ReadLineAsync() is { } read) { line(read); }
    }
}
