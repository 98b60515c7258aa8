using System.Globalization;
using Posthouse.Mesh.Hosting;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>Nodes in this process, each with a server, a folder and real sockets of its own.</summary>
internal sealed class LoopbackMesh : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Scratch _folder = Scratch.OnDisk();
    private readonly List<ServedNode> _served = [];

    public IReadOnlyList<MeshNode> Nodes { get; private set; } = [];

    /// <summary>Starts nodes, none of which knows the others yet.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seeds">Whom each dials, given where all of them serve, its own first.</param>
    public static async Task<LoopbackMesh> StartAsync(int count, Func<string[], IReadOnlyList<string>> seeds)
    {
        var mesh = new LoopbackMesh();
        string[] urls = [.. RedisProcess.FreePorts(count).Select(port => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"))];
        for (var i = 0; i < count; i++)
        {
            mesh._served.Add(await ServedNode.StartAsync(mesh._folder.File($"node-{i}"), urls[i], seeds([.. urls[i..], .. urls[..i]])));
        }

        mesh.Nodes = [.. mesh._served.Select(served => served.Node)];
        return mesh;
    }

    /// <summary>Waits until each node passes messages on to so many peers at once, or is connected with so many where all are told everything.</summary>
    public async Task JoinAsync(int links)
    {
        using var patience = new CancellationTokenSource(_patience);
        foreach (var node in Nodes)
        {
            while (await node.AskAsync((engine, _) => engine.Near.Up.Count(link => links == 1 || link.IsInMesh)) < links)
            {
                await Task.Delay(50, patience.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_served.Select(served => served.DisposeAsync().AsTask()));
        _folder.Dispose();
    }
}
