using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.Ivxp.Payments;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>A chain of one account: what is sent waits until the test puts it in a block. Blocks are final at once.</summary>
internal sealed class SmallChain : IExchange
{
    private readonly Dictionary<string, long> _mined = [];
    private readonly JsonArray _logs = [];
    private readonly HashSet<string> _pool = [];

    public static Uri Url { get; } = new("http://node.example/");

    public long Head { get; private set; } = 100;

    public long BaseFee { get; set; } = 100;

    public long ChainId { get; set; } = 84532;

    public bool IsAway { get; set; }

    /// <summary>What was sent, in order: bytes, each as often as it came.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>The first blocks of the ranges of logs that were asked for.</summary>
    public List<long> Watched { get; } = [];

    public static string HashOf(string raw) => "0x" + Convert.ToHexStringLower(Keccak256.Hash(Convert.FromHexString(raw.AsSpan(2))));

    public bool IsMined(string hash) => _mined.ContainsKey(hash);

    public void Mine(string hash)
    {
        _mined[hash] = ++Head;
        _pool.Clear();
    }

    public void Forget() => _pool.Clear();

    public void Announce(string orderId, EthereumAddress client) => _logs.Add((JsonNode)new JsonObject
    {
        ["address"] = "0x" + new string('c', 40),
        ["topics"] = new JsonArray(ReadyNotice.Topic, Hex.Write(ReadyNotice.HashOf(orderId)), "0x" + client.ToString()[2..].PadLeft(64, '0')),
        ["data"] = "0x" + new string('e', 64),
        ["transactionHash"] = "0x" + new string('9', 64),
        ["blockNumber"] = Number(++Head),
        ["removed"] = false,
    });

    public Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
    {
        if (IsAway)
            throw new HttpRequestException(HttpRequestError.ConnectionError, "no route");
        using var call = JsonDocument.Parse(request.Body);
        var args = call.RootElement.GetProperty("params");
        var result = call.RootElement.GetProperty("method").GetString() switch
        {
            "eth_chainId" => Number(ChainId),
            "eth_blockNumber" => Number(Head),
            "eth_feeHistory" => new JsonObject { ["baseFeePerGas"] = new JsonArray(Number(BaseFee), Number(BaseFee)) },
            "eth_maxPriorityFeePerGas" => Number(1),
            "eth_getTransactionCount" => Number(7 + _mined.Count),
            "eth_estimateGas" => Number(50_000),
            "eth_sendRawTransaction" => Take(args[0].GetString()!),
            "eth_getTransactionReceipt" => Receipt(args[0].GetString()!),
            "eth_getTransactionByHash" => _pool.Contains(args[0].GetString()!) ? new JsonObject { ["hash"] = args[0].GetString(), ["blockNumber"] = null } : null,
            "eth_getLogs" => Logs(args[0]),
            var method => throw new InvalidOperationException(method),
        };
        return Task.FromResult(ScriptedNode.Response(200, new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["result"] = result }.ToJsonString()));
    }

    private static JsonNode Number(long number) => string.Create(CultureInfo.InvariantCulture, $"0x{number:x}");

    private JsonNode Take(string raw)
    {
        Sent.Add(raw);
        _pool.Add(HashOf(raw));
        return HashOf(raw);
    }

    private JsonObject? Receipt(string hash) => !_mined.TryGetValue(hash, out var block) ? null : new JsonObject
    {
        ["transactionHash"] = hash,
        ["status"] = "0x1",
        ["blockNumber"] = Number(block),
        ["blockHash"] = "0x" + new string('b', 64),
        ["logs"] = new JsonArray(),
    };

    private JsonNode Logs(JsonElement filter)
    {
        Watched.Add(long.Parse(filter.GetProperty("fromBlock").GetString().AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return _logs.DeepClone();
    }
}

/// <summary>The road of a buyer who has a node: to it, and to everybody else.</summary>
internal sealed class NodeBeside(IExchange provider, IExchange node) : IExchange
{
    public Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default) =>
        (request.Uri.Host == SmallChain.Url.Host ? node : provider).SendAsync(request, cancellationToken);
}
