using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>A Redis server in memory, on a free port, that can be stopped as if its machine hung.</summary>
internal sealed partial class RedisProcess : IAsyncDisposable
{
    private const int Stop = 19; // SIGSTOP

    private readonly Process _process;

    private RedisProcess(Process process, int port) => (_process, Endpoint) = (process, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));

    public string Endpoint { get; }

    /// <summary>Starts it; null: it is not installed.</summary>
    public static async Task<RedisProcess?> StartAsync()
    {
        var port = FreePorts(1)[0];
        try
        {
            var redis = new RedisProcess(Process.Start(new ProcessStartInfo("redis-server",
                ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--logfile", "/dev/null"]))!, port);
            while (true)
            {
                try
                {
                    using var client = new TcpClient();
                    await client.ConnectAsync(IPAddress.Loopback, port);
                    return redis;
                }
                catch (SocketException) when (!redis._process.HasExited)
                {
                    await Task.Delay(20);
                }
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Ports of loopback on which nobody listens now.</summary>
    public static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }

    /// <summary>Stops its time: connections stay, and nobody answers.</summary>
    public void Freeze()
    {
        if (kill(_process.Id, Stop) != 0) { throw new InvalidOperationException("The Redis server could not be frozen."); }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
