using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Mesh;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;
using Posthouse.Redis;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>A node with its HTTP edge, as it runs in a process: in this one, or in a child that does what it is told on its standard input.</summary>
internal sealed class ServedNode : IAsyncDisposable
{
    /// <summary>The argument that makes this program the child.</summary>
    public const string Role = "serve-mesh-node";

    private readonly WebApplication _app;

    private ServedNode(WebApplication app) => (_app, Node) = (app, app.Services.GetRequiredService<MeshHost>().Node);

    public MeshNode Node { get; }

    public string Url => _app.Urls.First(url => !url.Contains("unix", StringComparison.Ordinal));

    /// <summary>The socket in the file system of a child with this folder.</summary>
    public static string SocketOf(string folder) => folder + ".sock";

    public static async Task<ServedNode> StartAsync(string folder, string url, IReadOnlyList<string> seeds, string? redis = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        if (redis is not null)
        {
            builder.Services.AddRedisPrices(new RedisPriceOptions { Endpoint = redis });
        }

        builder.Services.AddMesh(new MeshOptions { Folder = folder, Network = "bench", Trust = TrustMode.Open, Seeds = seeds });
        var app = builder.Build();
        app.MapMesh();
        app.UseWebSockets();
        app.MapGet("/bare", FloodAsync);
        await app.StartAsync();
        var served = new ServedNode(app);
        served.Node.Listen(served.Url);
        return served;
    }

    /// <summary>The child: prints where it serves, then answers each line with one.</summary>
    public static async Task<int> ListenAsync(string folder, string redis)
    {
        await using var served = await StartAsync(folder, $"http://127.0.0.1:0;http://unix:{SocketOf(folder)}", [], redis.Length == 0 ? null : redis);
        Console.Out.WriteLine(served.Url);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            Console.Out.WriteLine(words[0] == "publish"
                ? await served.PublishAsync(int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture))
                : await served.WeighAsync());
        }

        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Changes one price, evenly so often a second, and so many times.</summary>
    private async Task<string> PublishAsync(int perSecond, int count)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            while (TimeSpan.FromSeconds((double)i / perSecond) - Stopwatch.GetElapsedTime(began) > TimeSpan.Zero)
            {
                await Task.Delay(1);
            }

            var at = Stopwatch.GetTimestamp();
            await Node.AskAsync((engine, now) => engine.Publish([SamplePrices.Reading(0, at, now.Wall)], now));
        }

        return Stopwatch.GetElapsedTime(began).TotalSeconds.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Fills what is remembered of messages, and tells readings held, ids remembered, the managed heap and the whole process.</summary>
    private async Task<string> WeighAsync()
    {
        var (readings, ids) = await Node.AskAsync((engine, now) =>
        {
            for (var id = (ulong)engine.Seen.Count; id < SeenSet.MaxIds - 1; id++)
            {
                engine.Seen.TryMark(new MessageId(new UInt128(id * 0x9E3779B97F4A7C15, id)), now.Steady);
            }

            return (engine.Book.Map.Keys.Sum(key => engine.Book.Map.ReadingsOf(key).Length), engine.Seen.Count);
        });
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return string.Create(CultureInfo.InvariantCulture, $"{readings} {ids} {GC.GetTotalMemory(forceFullCollection: true)} {Environment.WorkingSet}");
    }

    /// <summary>What the server gives without a mesh: the same bytes to each socket, as fast as it takes them.</summary>
    private static async Task FloodAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var message = new byte[int.Parse(context.Request.Query["bytes"]!, CultureInfo.InvariantCulture)];
        message.AsSpan().Fill((byte)' ');
        try
        {
            while (true)
            {
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The watcher has seen enough.
        }
    }
}
