using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Posthouse.SystemTests;

/// <summary>A real process that a test talks to through its standard input and output. Disposing of it kills it, as <c>kill -9</c> does.</summary>
internal sealed partial class RunningProgram : IAsyncDisposable
{
    /// <summary>No test waits for time to pass; this only ends one that would wait for ever on a busy machine.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private const int Continue = 18; // SIGCONT
    private const int Stop = 19; // SIGSTOP

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Sought, TaskCompletionSource<string> Found)> _waiting = [];
    private readonly Lock _lock = new();

    private RunningProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Heard(e.Data);
        process.ErrorDataReceived += (_, e) => Heard(e.Data);
    }

    /// <summary>Everything the program has said so far.</summary>
    public string Said
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a program of this repository's build.</summary>
    public static RunningProgram Start(string project, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration));
        return Start(Path.Combine(folder, project), arguments, folder, environment);
    }

    /// <summary>Starts any program.</summary>
    public static RunningProgram Start(string file, IEnumerable<string> arguments, string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var program = new RunningProgram(new Process { StartInfo = start });
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>A port nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public Task TypeAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Ends the program's standard input.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits until the program said a line with a text in it, or has said it already.</summary>
    public async Task<string> SaysAsync(string text)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
            {
                return line;
            }

            _waiting.Add((line => line.Contains(text, StringComparison.Ordinal), found));
        }

        try
        {
            return await found.Task.WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The program never said \"{text}\". It said:\n{Said}");
        }
    }

    /// <summary>Waits for the program's own end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? _patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Kills the program without a word, as the loss of power would end it.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops the program's time: the system still takes connections for it, and nobody answers.</summary>
    public void Freeze() => kill(_process.Id, Stop).ShouldBe(0);

    public void Thaw() => kill(_process.Id, Continue).ShouldBe(0);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lock)
        {
            _lines.Add(line);
            foreach (var (_, found) in _waiting.Where(one => one.Sought(line)).ToList())
            {
                found.TrySetResult(line);
            }

            _waiting.RemoveAll(one => one.Sought(line));
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int kill(int process, int signal);
}
