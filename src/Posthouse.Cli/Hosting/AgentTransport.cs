using System.IO.Pipelines;
using System.Text.Json;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// An agent's lines on two streams. The end of its input is passed on only when all that was asked before it is answered, for the library
/// drops what is under way as soon as it sees the end; and a line that is no JSON is answered, where the library says nothing.
/// </summary>
internal sealed class AgentTransport : ITransport
{
    /// <summary>Longer than any tool takes; what is not answered by then never will be.</summary>
    private static readonly TimeSpan _answeredWithin = TimeSpan.FromSeconds(60);

    /// <summary>JSON-RPC 2.0, section 5.1: "Parse error".</summary>
    private const int ParseError = -32700;

    private readonly Pipe _pipe = new();
    private readonly StreamServerTransport _inner;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _open = [];
    private TaskCompletionSource? _allAnswered;

    public AgentTransport(Stream output, string name, TimeProvider time)
    {
        _inner = new StreamServerTransport(_pipe.Reader.AsStream(), output, name);
        _time = time;
    }

    public string? SessionId => _inner.SessionId;

    public ChannelReader<JsonRpcMessage> MessageReader => _inner.MessageReader;

    public async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        try
        {
            await _inner.SendMessageAsync(message, cancellationToken);
        }
        finally
        {
            if (message is JsonRpcResponse or JsonRpcError) { Close(((JsonRpcMessageWithId)message).Id.ToString()); }
        }
    }

    /// <summary>Passes lines on until the input ends and everything in it is answered.</summary>
    public async Task PassOnAsync(Stream input, CancellationToken cancellationToken)
    {
        using var lines = new StreamReader(input);
        await using var writer = new StreamWriter(_pipe.Writer.AsStream()) { AutoFlush = true, NewLine = "\n" };
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0) { continue; }
            if (Note(line)) { await writer.WriteLineAsync(line.AsMemory(), cancellationToken); }
            else { await RefuseAsync(cancellationToken); }
        }

        try
        {
            await AllAnswered().WaitAsync(_answeredWithin, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Whoever asked has gone; the purchases go on by themselves.
        }
    }

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    /// <summary>Remembers a request as open, and forgets one that is taken back, which gets no answer.</summary>
    /// <returns>Whether the line is JSON.</returns>
    private bool Note(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object || !root.TryGetProperty("method", out var method)) { return true; }
            if (root.TryGetProperty("id", out var id))
            {
                lock (_gate) { _open.Add(id.ToString()); }
            }
            else if (method.ValueEquals("notifications/cancelled") && root.TryGetProperty("params", out var given) && given.TryGetProperty("requestId", out var request))
            {
                Close(request.ToString());
            }

            return true;
        }
        catch (Exception misfit) when (misfit is JsonException or InvalidOperationException)
        {
            return misfit is InvalidOperationException; // JSON of another shape is the library's to judge.
        }
    }

    private Task RefuseAsync(CancellationToken cancellationToken) => _inner.SendMessageAsync(
        new JsonRpcError { Error = new JsonRpcErrorDetail { Code = ParseError, Message = "Parse error: a line is one JSON-RPC message." } }, cancellationToken);

    private void Close(string id)
    {
        lock (_gate)
        {
            _open.Remove(id);
            if (_open.Count == 0) { _allAnswered?.TrySetResult(); }
        }
    }

    private Task AllAnswered()
    {
        lock (_gate)
        {
            _allAnswered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_open.Count == 0) { _allAnswered.SetResult(); }
            return _allAnswered.Task;
        }
    }
}
