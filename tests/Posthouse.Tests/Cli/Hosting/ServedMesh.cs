using System.Threading.Channels;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>A server of the real verb in this process, a node of a mesh unless told otherwise, and verbs that ask it.</summary>
internal sealed class ServedMesh : IAsyncDisposable
{
    private static readonly string[] _node = ["Mesh:Enabled=true", "Mesh:Trust=open", "Mesh:Interval=1s", "Mesh:Source:Use=replay", "Mesh:Source:Speed=0.001", "Mesh:Source:Assets:0=BTC", "Mesh:Source:Assets:1=BONK@solana"];

    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly CancellationTokenSource _ends = new();
    private readonly SpokenLines _said = new();
    private Task<int> _serving = Task.FromResult(0);

    /// <summary>The server's folder.</summary>
    public string Folder => _folder.Path;

    /// <summary>What it said at its start.</summary>
    public IReadOnlyList<string> Announced { get; private set; } = [];

    /// <summary>Starts a node.</summary>
    public static Task<ServedMesh> StartAsync(params string[] sets) => ServeAsync([.. _node, .. sets]);

    /// <summary>Starts a server that is no node.</summary>
    public static Task<ServedMesh> StartWithoutAsync() => ServeAsync([]);

    /// <summary>A file in its folder.</summary>
    public string File(string name) => _folder.File(name);

    /// <summary>Runs a verb against it.</summary>
    public async Task<(int Exit, string Output, string Error)> RunAsync(string line)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (await StartVerb(line, output, error, default), output.ToString(), error.ToString());
    }

    /// <summary>Starts a verb that goes on until it is cancelled.</summary>
    public Task<int> StartVerb(string line, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), [.. line.Split(' '), "--data", Folder], output, error, cancellationToken: cancellationToken);

    /// <summary>Waits for its first prices.</summary>
    public async Task<ServedMesh> WithPricesAsync()
    {
        using var enough = new CancellationTokenSource();
        var lines = new SpokenLines();
        var watching = StartVerb("prices --watch BTC", lines, TextWriter.Null, enough.Token);
        while (!(await lines.NextAsync()).Contains("BTC", StringComparison.Ordinal)) { }

        await enough.CancelAsync();
        await watching;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await _serving;
        _ends.Dispose();
        _folder.Dispose();
    }

    private static async Task<ServedMesh> ServeAsync(string[] sets)
    {
        var served = new ServedMesh();
        string[] words = ["serve", "--urls", "http://127.0.0.1:0", "--data", served.Folder, .. sets.SelectMany(set => (string[])["--set", set])];
        var error = TextWriter.Synchronized(new StringWriter());
        served._serving = CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), words, served._said, error, cancellationToken: served._ends.Token);
        (await Task.WhenAny(served._said.Flushed, served._serving)).ShouldNotBe(served._serving, error.ToString());
        served.Announced = served._said.Spoken;
        return served;
    }
}

/// <summary>Output that is read line by line while it is written.</summary>
internal sealed class SpokenLines : StringWriter
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when something was said to its end.</summary>
    public Task Flushed => _flushed.Task;

    /// <summary>What was said and not read.</summary>
    public IReadOnlyList<string> Spoken
    {
        get
        {
            var lines = new List<string>();
            while (_lines.Reader.TryRead(out var line)) { lines.Add(line); }
            return lines;
        }
    }

    public async Task<string> NextAsync() => await _lines.Reader.ReadAsync();

    public override void WriteLine(string? value) => _lines.Writer.TryWrite(value ?? "");

    public override void Flush() => _flushed.TrySetResult();
}
