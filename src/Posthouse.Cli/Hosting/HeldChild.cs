using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// A command that runs while a lock is held. It has the terminal as if it had been started there; what ends this program is passed
/// on to it, so that it decides about its own end.
/// </summary>
internal sealed class HeldChild : IDisposable
{
    /// <summary>How shells tell that a command cannot be found.</summary>
    public const int NotFound = 127;

    private const int Terminate = 15;

    /// <summary>ENOENT of POSIX, and ERROR_FILE_NOT_FOUND of Windows.</summary>
    private const int NoSuchFile = 2;

    private readonly Action _cut;
    private readonly Lock _starting = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private Process? _process;

    /// <summary>Listens from now on, so that there is no moment at which the end of this program would leave the lock behind.</summary>
    /// <param name="cut">What a signal does as long as nothing is started.</param>
    public HeldChild(Action cut)
    {
        _cut = cut;
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
        {
            try
            {
                _signals.Add(PosixSignalRegistration.Create(signal, Pass));
            }
            catch (PlatformNotSupportedException)
            {
                // This system has no such signal.
            }
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="words">The command and its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="output">Where what it says goes, so that standard output stays one document; null: straight to standard output.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it cannot be started.</exception>
    public void Start(IReadOnlyList<string> words, string folder, TextWriter? output)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = output is not null };
        try
        {
            lock (_starting) { _process = Process.Start(start)!; }
        }
        catch (Exception failure) when (failure is Win32Exception or InvalidOperationException)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, failure is not Win32Exception { NativeErrorCode: NoSuchFile }
                ? $"{words[0]}: cannot be started: {failure.Message}"
                : File.Exists(Path.Combine(folder, words[0]))
                ? $"{words[0]}: cannot be started: the program that its first line names is not there"
                : $"{words[0]}: command not found", failure);
        }

        if (output is null) { return; }
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not null) { output.WriteLine(line.Data); }
        };
        _process.BeginOutputReadLine();
    }

    /// <summary>Asks it to end.</summary>
    public void AskToEnd() => Send(Terminate);

    /// <summary>Its exit code, when it has ended.</summary>
    public async Task<int> EndAsync()
    {
        await _process!.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _process?.Dispose();
    }

    private void Pass(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_starting)
        {
            if (_process is null) { _cut(); return; }
        }

        // What is typed at the terminal reaches the child by itself.
        if (context.Signal is PosixSignal.SIGINT or PosixSignal.SIGQUIT && !Console.IsInputRedirected) { return; }
        Send(Number(context.Signal));
    }

    private void Send(int signal)
    {
        try
        {
            if (_process is { HasExited: false } running) { _ = Kill(running.Id, signal); }
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException or InvalidOperationException)
        {
            // Where there are no signals to send, the child hears of the end as this program does.
        }
    }

    /// <summary>POSIX fixes these four.</summary>
    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => Terminate,
    };

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
