using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Mesh;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using Posthouse.Storage.Sqlite;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>
/// A node of the mesh as an operator runs it: <c>posthouse serve</c> in a network and with a folder of its own. Tests ask it over a socket
/// in the file system, which no cut cable reaches.
/// </summary>
internal sealed class MeshNodeProcess : IAsyncDisposable
{
    /// <summary>An answer comes from memory; one that takes longer than this on a busy machine is none.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly string[] _command;
    private readonly string _folder;
    private readonly string _socket;
    private readonly (string Name, string Value)[] _environment;
    private readonly HttpClient _http;
    private readonly HttpMessageInvoker _sockets;
    private RunningProgram? _program;

    /// <summary>Describes a node; nothing runs yet.</summary>
    /// <param name="root">The folder in which its own is.</param>
    /// <param name="network">What a program in its network runs under.</param>
    /// <param name="address">Where others reach it, host:port.</param>
    /// <param name="settings">Its configuration beside its address.</param>
    /// <param name="environment">Its environment beside what it inherits.</param>
    public MeshNodeProcess(string root, string[] network, string address, IEnumerable<string> settings, params (string Name, string Value)[] environment)
    {
        var name = address[(address.LastIndexOf(':') + 1)..];
        (Address, _folder, _socket) = (address, Path.Combine(root, name), Path.Combine(root, name + ".sock"));
        _environment = [("POSTHOUSE_HOME", root), .. environment];
        _command =
        [
            .. network, "dotnet", Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll"), "serve", "--data", _folder, "--urls", $"http://{address};http://unix:{_socket}",
            .. settings.Prepend($"Mesh:Address={address}").SelectMany(setting => (string[])["--set", setting]),
        ];
        _http = new HttpClient(Handler()) { BaseAddress = new Uri("http://node"), Timeout = _patience };
        _sockets = new HttpMessageInvoker(Handler());
    }

    /// <summary>Where others reach it.</summary>
    public string Address { get; }

    /// <summary>Its folder.</summary>
    public string Folder => _folder;

    /// <summary>Its process, or what it runs under.</summary>
    public int ProcessId => _program!.Id;

    /// <summary>Its id, which it keeps over all its lives; known once it runs.</summary>
    public NodeId Id { get; private set; }

    /// <summary>Starts it, and waits until it serves.</summary>
    public async Task StartAsync()
    {
        File.Delete(_socket);
        _program = RunningProgram.Start(_command[0], _command[1..], Path.GetDirectoryName(_folder)!, _environment);
        await _program.SaysAsync("Serving http://unix:");
        var status = await GetAsync("provider/status");
        NodeId.TryParse(status.GetProperty("node_id").GetString(), out var id).ShouldBeTrue();
        Id = id;
    }

    /// <summary>Ends it as the loss of power does, unless it has ended.</summary>
    public async Task KillAsync()
    {
        if (_program is not null) { await _program.DisposeAsync(); }

        _program = null;
    }

    /// <summary>Stops its time: the system still takes connections for it, and nobody answers.</summary>
    public void Freeze() => _program!.Freeze();

    public void Thaw() => _program!.Thaw();

    /// <summary>What its own file has while it does not run: the time of each provider's newest price of each asset.</summary>
    public IReadOnlyDictionary<(string Asset, NodeId Provider), DateTimeOffset> KeptPrices()
    {
        using var file = SqliteDatabase.Open(Path.Combine(_folder, "mesh", PriceFile.FileName), readOnly: true);
        return file.Query("SELECT asset, provider, observed_at FROM price_latest", row => (row.Text(0), NodeId.Read(row.Bytes(1)), DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(2))))
            .ToDictionary(kept => (kept.Item1, kept.Item2), kept => kept.Item3);
    }

    public Task<NetworkStatus> StatusAsync() => GetAsync("network/status", MeshJson.Default.NetworkStatus);

    public Task<Dictionary<string, ServedPrice>> PricesAsync() => GetAsync("prices", MeshJson.Default.DictionaryStringServedPrice);

    public Task<IReadOnlyList<MeshProvider>> ProvidersAsync() => GetAsync("providers", MeshJson.Default.IReadOnlyListMeshProvider);

    public Task<IReadOnlyList<MeshEvent>> EventsAsync(long since = 0) =>
        GetAsync(string.Create(CultureInfo.InvariantCulture, $"events?since={since}"), MeshJson.Default.IReadOnlyListMeshEvent);

    /// <summary>The number of its last event.</summary>
    public async Task<long> LastEventAsync() => await EventsAsync() is [.., var last] ? last.Number : 0;

    /// <summary>The lines of its log with a code.</summary>
    public async Task<IReadOnlyList<MeshEvent>> EventsAsync(string code) => [.. (await EventsAsync()).Where(happened => happened.Code == code)];

    /// <summary>The one line of its log with a code. It is waited for: a line is written after what it tells of.</summary>
    public async Task<MeshEvent> HappenedAsync(string code)
    {
        await MeshGround.AllAsync([this], async node => (await node.EventsAsync(code)).Count > 0, $"tells of {code}");
        return (await EventsAsync(code)).ShouldHaveSingleItem();
    }

    /// <summary>What it counts: the values by name and labels, as <c>mesh_messages_refused_total{reason="Truncated"}</c>.</summary>
    public async Task<Dictionary<string, double>> MetricsAsync() => (await _http.GetStringAsync("/api/mesh/metrics")).Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' '))
        .ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));

    /// <summary>Watches its prices.</summary>
    /// <param name="since">The number of the last message that is known; null: none.</param>
    public Task<PriceWatcher> WatchAsync(long? since = null) => PriceWatcher.ConnectAsync(_sockets, since);

    /// <summary>Opens a WebSocket of it, over which a test does what it likes.</summary>
    public async Task<ClientWebSocket> DialAsync(string path)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri("ws://node" + path), _sockets, CancellationToken.None);
        return socket;
    }

    /// <summary>Connects as another node would.</summary>
    public Task<RawPeer> ConnectAsync() => RawPeer.ConnectAsync(_sockets);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _sockets.Dispose();
        await KillAsync();
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type) => (await GetAsync(path)).Deserialize(type)!;

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri("/api/mesh/" + path, UriKind.Relative));
        answer.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        json.RootElement.GetProperty("success").GetBoolean().ShouldBeTrue();
        return json.RootElement.GetProperty("data").Clone();
    }

    private SocketsHttpHandler Handler() => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
