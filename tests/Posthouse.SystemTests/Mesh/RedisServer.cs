using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Posthouse.SystemTests.Mesh;

/// <summary>A real Redis server of one test, on a port of its own; tests talk to it over a socket in the file system.</summary>
/// <param name="network">What a program in its network runs under; null: the test's own network.</param>
/// <param name="address">Where it listens in that.</param>
/// <param name="keeps">The folder where it keeps its data beyond its end; null: it keeps none.</param>
internal sealed partial class RedisServer(string[]? network = null, string address = "127.0.0.1", string? keeps = null) : IAsyncDisposable
{
    private const int Kill = 9; // SIGKILL
    private const int Continue = 18; // SIGCONT
    private const int Stop = 19; // SIGSTOP

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly int _port = RunningProgram.FreePort();
    private readonly string _socket = Path.Combine(Path.GetTempPath(), $"posthouse-redis-{Guid.NewGuid():n}.sock");
    private Process? _process;

    public string Endpoint => $"{address}:{_port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Starts it, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        string[] command =
        [
            .. network ?? [], "redis-server", "--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", address, "--unixsocket", _socket,
            "--protected-mode", "no", "--save", "", .. (string[])(keeps is null ? ["--appendonly", "no"] : ["--appendonly", "yes", "--appendfsync", "always", "--dir", keeps]),
        ];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        using var patience = new CancellationTokenSource(_patience);
        while (true)
        {
            try
            {
                if (await SayAsync("PING") == "+PONG") { return; }
            }
            catch (SocketException)
            {
                // Not yet.
            }

            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>Ends it without a word; what it kept is gone.</summary>
    public async Task KillAsync()
    {
        Signal(Kill);
        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Stops its time: the system still takes connections for it, and nobody answers.</summary>
    public void Freeze() => Signal(Stop);

    public void Thaw() => Signal(Continue);

    /// <summary>Says something to it, each word as it is, and gives the first line of the answer.</summary>
    public async Task<string> SayAsync(params string[] words) => (await AnswerAsync(words)).Split("\r\n")[0];

    /// <summary>The texts of an answer that is a list.</summary>
    public async Task<List<string>> ListAsync(params string[] words) =>
        [.. (await AnswerAsync(words)).Split("\r\n").Skip(1).Where((_, at) => at % 2 == 1)];

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        File.Delete(_socket);
    }

    private async Task<string> AnswerAsync(string[] words)
    {
        using var patience = new CancellationTokenSource(_patience);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(_socket), patience.Token);
        await using var stream = new NetworkStream(client);
        var text = new StringBuilder($"*{words.Length}\r\n");
        foreach (var word in words)
        {
            text.Append(CultureInfo.InvariantCulture, $"${word.Length}\r\n{word}\r\n");
        }

        // Latin 1: one character, one byte. The second command ends the conversation, so that all is read.
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text.Append("*1\r\n$4\r\nQUIT\r\n").ToString()), patience.Token);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var answer = await reader.ReadToEndAsync(patience.Token);
        return answer[..^"+OK\r\n".Length];
    }

    private void Signal(int signal) => kill(_process!.Id, signal).ShouldBe(0);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int kill(int process, int signal);
}
