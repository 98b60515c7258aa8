using System.Diagnostics;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>A node in a process of its own.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Scratch _folder = Scratch.OnDisk();
    private readonly Process _process;

    private NodeProcess(string redis) => _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [ServedNode.Role, _folder.File("node"), redis])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    /// <summary>Where it serves.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The socket in the file system where it serves, too.</summary>
    public string Socket => ServedNode.SocketOf(_folder.File("node"));

    /// <summary>Starts it.</summary>
    /// <param name="redis">The Redis server that it shares prices with; empty: none.</param>
    public static async Task<NodeProcess> StartAsync(string redis = "")
    {
        var node = new NodeProcess(redis);
        node.Url = new Uri(await node._process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The node did not start."));
        return node;
    }

    /// <summary>Tells it something, and waits until it is done.</summary>
    public async Task<string> DoAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The node is gone.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }
}
