using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Posthouse.SystemTests.Vcs;

/// <summary>
/// Git's own server over HTTP (<c>git http-backend</c>) on a loopback port of the system's choice, with faults that a test switches.
/// One connection carries one request, so that a fault hits exactly what it is meant for.
/// </summary>
internal sealed class GitHttpServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private long _received;
    private long _cutAt = long.MaxValue;

    private GitHttpServer(string folder)
    {
        _folder = folder;
        _listener.Start(128);
        _accepting = AcceptAsync();
    }

    /// <summary>Decides about a request before it is served; null: it is served.</summary>
    public Func<GitHttpRequest, GitHttpFault?>? Fault { get; set; }

    /// <summary>The server's clock, which answers carry.</summary>
    public Func<DateTimeOffset> Clock { get; set; } = () => DateTimeOffset.UtcNow;

    /// <summary>All requests so far.</summary>
    public ConcurrentQueue<GitHttpRequest> Requests { get; } = new();

    /// <summary>Bytes of request bodies that arrived.</summary>
    public long BytesReceived => Interlocked.Read(ref _received);

    /// <summary>Completes when a client that was stalled has closed its connection.</summary>
    public Task StalledClientLeft => _left.Task;

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Serves all repositories in a folder, for reading and writing.</summary>
    public static GitHttpServer Start(string folder) => new(folder);

    /// <summary>The address of a repository.</summary>
    /// <param name="name">Its path in the folder.</param>
    /// <param name="userInfo">A user name and password to put into the address, or null.</param>
    public string Url(string name, string? userInfo = null) =>
        $"http://{(userInfo is null ? "" : userInfo + "@")}127.0.0.1:{Port}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    /// <summary>Cuts the connection, once, when so many more bytes of request bodies have arrived.</summary>
    public void CutAfter(long bytes) => Interlocked.Exchange(ref _cutAt, BytesReceived + bytes);

    /// <summary>Forgets a cut that did not come.</summary>
    public void CutNoMore() => Interlocked.Exchange(ref _cutAt, long.MaxValue);

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_serving.Keys);
        _ends.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_ends.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_ends.Token);
                var serving = Task.Run(() => ServeAsync(client));
                _serving[serving] = true;
                _ = serving.ContinueWith(done => _serving.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var stream = client.GetStream();
            await using var buffered = new BufferedStream(stream);
            if (await GitHttpRequest.ReadAsync(buffered, _ends.Token) is not { } request)
                return;
            Requests.Enqueue(request);
            switch (Fault?.Invoke(request))
            {
                case GitHttpFault.Answer answer:
                    await AnswerAsync(stream, answer);
                    break;
                case GitHttpFault.Stall:
                    await ReadToEndAsync(stream);
                    _left.TrySetResult();
                    break;
                case GitHttpFault.Reset:
                    client.LingerState = new LingerOption(true, 0);
                    break;
                case var fault:
                    await RunAsync(request, buffered, stream, fault is not GitHttpFault.DropAnswer);
                    break;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // The client went away, or the test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream, GitHttpFault.Answer answer)
    {
        var head = $"HTTP/1.1 {answer.Status} Fault\r\n{Common()}Content-Length: 0\r\n";
        if (answer.RetryAfter is not null)
            head += $"Retry-After: {answer.RetryAfter}\r\n";
        if (answer.Status == 401)
            head += "WWW-Authenticate: Basic realm=\"test\"\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head + "\r\n"), _ends.Token);
        stream.Socket.Shutdown(SocketShutdown.Send);
        await ReadToEndAsync(stream); // Unread, it would make the system cut the connection before the answer has arrived.
    }

    private async Task ReadToEndAsync(NetworkStream stream)
    {
        var rest = new byte[64 << 10];
        while (await stream.ReadAsync(rest, _ends.Token) > 0)
        {
        }
    }

    private string Common() => $"Date: {Clock().UtcDateTime.ToString("r", CultureInfo.InvariantCulture)}\r\nConnection: close\r\n";

    /// <summary>Has Git serve a request. Where the connection is to be cut, the client sees it break, not end.</summary>
    private async Task RunAsync(GitHttpRequest request, Stream from, NetworkStream to, bool answers)
    {
        using var process = Process.Start(Backend(request))!;
        var complaining = process.StandardError.BaseStream.CopyToAsync(Stream.Null, _ends.Token);
        try
        {
            var answering = Task.Run(() => answers ? PassOnAsync(process.StandardOutput.BaseStream, to) : process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, _ends.Token));
            if (!await request.CopyBodyAsync(from, piece => TakeAsync(process, piece), _ends.Token))
            {
                // Before Git is ended: what it leaves unsaid would be sent as an empty answer, and a client waits for ever behind that.
                to.Socket.Close(0);
                return;
            }

            process.StandardInput.Close();
            await answering;
            await complaining;
            await process.WaitForExitAsync(_ends.Token);
            if (!answers)
                to.Socket.Close(0);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private async Task<bool> TakeAsync(Process process, ReadOnlyMemory<byte> piece)
    {
        var received = Interlocked.Add(ref _received, piece.Length);
        var cutAt = Interlocked.Read(ref _cutAt);
        if (received >= cutAt && Interlocked.CompareExchange(ref _cutAt, long.MaxValue, cutAt) == cutAt)
            return false;
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(piece, _ends.Token);
        }
        catch (IOException)
        {
            // Git refused before it had read all; its answer says why.
        }

        return true;
    }

    /// <summary>Turns the answer of the program into one of HTTP.</summary>
    private async Task PassOnAsync(Stream output, NetworkStream to)
    {
        await using var buffered = new BufferedStream(output);
        var head = new StringBuilder();
        var status = "200 OK";
        while (await GitHttpRequest.LineAsync(buffered, _ends.Token) is { Length: > 0 } line)
        {
            if (line.StartsWith("Status: ", StringComparison.OrdinalIgnoreCase))
                status = line["Status: ".Length..];
            else
                head.Append(line).Append("\r\n");
        }

        await to.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{Common()}Transfer-Encoding: chunked\r\n{head}\r\n"), _ends.Token);
        var piece = new byte[32 << 10];
        int read;
        do
        {
            read = await buffered.ReadAsync(piece, _ends.Token);
            await to.WriteAsync(Encoding.ASCII.GetBytes($"{read:x}\r\n"), _ends.Token);
            await to.WriteAsync(piece.AsMemory(0, read), _ends.Token);
            await to.WriteAsync("\r\n"u8.ToArray(), _ends.Token);
        }
        while (read > 0);
    }

    private ProcessStartInfo Backend(GitHttpRequest request)
    {
        var start = new ProcessStartInfo("git", ["-c", "http.receivepack=true", "-c", "safe.directory=*", "http-backend"])
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GIT_PROJECT_ROOT"] = _folder;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["REQUEST_METHOD"] = request.Method;
        start.Environment["PATH_INFO"] = request.Path;
        start.Environment["QUERY_STRING"] = request.Query;
        start.Environment["REMOTE_ADDR"] = "127.0.0.1";
        start.Environment["CONTENT_TYPE"] = request.Headers.GetValueOrDefault("Content-Type") ?? "";
        if (request.Headers.TryGetValue("Content-Length", out var length))
            start.Environment["CONTENT_LENGTH"] = length;
        if (request.Headers.TryGetValue("Content-Encoding", out var encoding))
            start.Environment["HTTP_CONTENT_ENCODING"] = encoding;
        if (request.Headers.TryGetValue("Git-Protocol", out var protocol))
            start.Environment["GIT_PROTOCOL"] = protocol;
        return start;
    }
}
