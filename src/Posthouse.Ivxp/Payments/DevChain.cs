using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Payments;

/// <summary>
/// The development chain: a node of a chain on which everybody has as much USDC as they like. It answers the five questions of
/// <see cref="EthereumRpc"/> and <c>dev_pay</c> as JSON-RPC 2.0, so that payments are verified by the one verifier there is. Each
/// payment is a block of its own, sealed by the transaction in which <see cref="Answer"/> runs.
/// </summary>
public sealed class DevChain
{
    // More calls than any wallet library batches; a longer batch is a mistake.
    private const int MaxBatch = 100;

    private readonly UsdcNetwork _network;
    private readonly DevLedger _ledger;
    private readonly DevChainJson _json;

    /// <summary>A chain that plays a network: its number and its USDC contract.</summary>
    /// <param name="network">The network.</param>
    /// <param name="time">The clock of new blocks.</param>
    /// <param name="ids">Makes each transaction's hash its own.</param>
    public DevChain(UsdcNetwork network, TimeProvider time, IIds ids)
    {
        _network = network;
        _ledger = new DevLedger(network, time, ids);
        _json = new DevChainJson(network);
    }

    /// <summary>The chain's table. One text for both dialects.</summary>
    public static SchemaPart Schema { get; } = new("devchain", [(ReadSchema(), ReadSchema())], ["devchain_block"]);

    /// <summary>Answers one JSON-RPC request or batch. Send the answer only after the transaction is committed.</summary>
    /// <param name="write">The room's tables, inside a transaction.</param>
    /// <param name="request">The body of the request.</param>
    /// <returns>The body of the answer; empty if nothing but notifications was asked.</returns>
    public byte[] Answer(ISqlWrite write, ReadOnlyMemory<byte> request)
    {
        ArgumentNullException.ThrowIfNull(write);
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        try
        {
            using var document = JsonDocument.Parse(request);
            AnswerAll(write, document.RootElement, json);
        }
        catch (JsonException)
        {
            WriteReply(json, default, DevReply.Fault(-32700, "Parse error: the body is no JSON."));
        }
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private void AnswerAll(ISqlWrite write, JsonElement request, Utf8JsonWriter json)
    {
        if (request.ValueKind != JsonValueKind.Array)
        {
            AnswerOne(write, request, json, inBatch: false, opened: true);
            return;
        }
        if (request.GetArrayLength() is 0 or > MaxBatch)
        {
            var limits = string.Create(CultureInfo.InvariantCulture, $"Invalid request: a batch has 1 to {MaxBatch} calls.");
            WriteReply(json, default, DevReply.Fault(-32600, limits));
            return;
        }
        var opened = false;
        foreach (var call in request.EnumerateArray())
            opened = AnswerOne(write, call, json, inBatch: true, opened);
        if (opened)
            json.WriteEndArray();
    }

    // A batch opens its array with the first reply, for a batch of notifications has no answer at all.
    private bool AnswerOne(ISqlWrite write, JsonElement call, Utf8JsonWriter json, bool inBatch, bool opened)
    {
        var id = default(JsonElement);
        var isCall = false;
        DevReply reply;
        try
        {
            isCall = IsCall(call, out id);
            reply = isCall
                ? Call(write, JsonText.String(call.GetProperty("method")), call.TryGetProperty("params", out var given) ? given : default)
                : DevReply.Fault(-32600, "Invalid request: not a call of JSON-RPC 2.0.");
        }
        catch (InvalidOperationException)
        {
            // A name with half a surrogate pair. The calls before it in a batch are answered all the same: they may have paid.
            (isCall, reply) = (false, DevReply.Fault(-32700, "Parse error: a member's name is no Unicode text."));
        }
        if (isCall && id.ValueKind == JsonValueKind.Undefined)
            return opened && inBatch;
        if (inBatch && !opened)
            json.WriteStartArray();
        WriteReply(json, isCall ? id : default, reply);
        return true;
    }

    private static bool IsCall(JsonElement call, out JsonElement id)
    {
        id = default;
        return call.ValueKind == JsonValueKind.Object
            && call.TryGetProperty("jsonrpc", out var version) && version.ValueKind == JsonValueKind.String && JsonText.String(version) == "2.0"
            && call.TryGetProperty("method", out var method) && method.ValueKind == JsonValueKind.String
            && (!call.TryGetProperty("id", out id) || id.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null);
    }

    private DevReply Call(ISqlWrite write, string method, JsonElement given) => method switch
    {
        "eth_chainId" => DevReply.Result(ChainReading.WriteNumber(_network.ChainId)),
        "eth_blockNumber" => DevReply.Result(ChainReading.WriteNumber(_ledger.Head(write).Number)),
        "eth_getTransactionByHash" => Transaction(write, given, _json.WriteTransaction),
        "eth_getTransactionReceipt" => Transaction(write, given, _json.WriteReceipt),
        "eth_getBlockByNumber" => Block(write, given),
        "dev_pay" => Pay(write, given),
        _ => DevReply.Fault(-32601, "Method not found: this chain answers eth_chainId, eth_blockNumber, eth_getTransactionByHash, "
            + "eth_getTransactionReceipt, eth_getBlockByNumber and dev_pay."),
    };

    private static DevReply Transaction(ISqlWrite write, JsonElement given, Action<Utf8JsonWriter, DevBlock, DevPayment> writer)
    {
        if (!TransactionHash.TryNormalize(DevReply.TextAt(given, 0), out var hash))
            return DevReply.Fault(-32602, "Invalid params: the first is a transaction's hash, 0x and 64 hexadecimal digits.");
        return DevLedger.Of(write, hash) is { Payment: { } payment } block ? new DevReply(json => writer(json, block, payment)) : DevReply.Null;
    }

    private DevReply Block(ISqlWrite write, JsonElement given)
    {
        var tag = DevReply.TextAt(given, 0);
        var withTransactions = DevReply.At(given, 1).ValueKind == JsonValueKind.True;
        DevBlock? block;
        // A payment is final at once, so that every tag but the earliest names the head.
        if (tag is "latest" or "pending" or "safe" or "finalized")
            block = _ledger.Head(write);
        else if (tag == "earliest")
            block = _ledger.At(write, 0);
        else if (tag is { Length: > 2 } && tag.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(tag.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number >= 0)
            block = _ledger.At(write, number);
        else
            return DevReply.Fault(-32602, "Invalid params: the first is a block's height such as 0x1, or a tag such as latest.");
        return block is null ? DevReply.Null : new DevReply(json => _json.WriteBlock(json, block, withTransactions));
    }

    private DevReply Pay(ISqlWrite write, JsonElement given)
    {
        var order = DevReply.At(given, 0);
        if (!EthereumAddress.TryParse(DevReply.TextOf(order, "from"), out var from) || from.IsZero
            || !EthereumAddress.TryParse(DevReply.TextOf(order, "to"), out var to) || to.IsZero)
            return DevReply.Fault(-32602, "Invalid params: dev_pay takes [{from, to, amount_usdc}], from and to being addresses other than zero.");
        if (!UsdcAmount.TryParse(DevReply.NumberOf(order, "amount_usdc"), out var amount) || amount == UsdcAmount.Zero)
            return DevReply.Fault(-32602, "Invalid params: amount_usdc is USDC above 0 with at most six decimals, a string or a number.");
        return DevReply.Result(_ledger.Seal(write, from, to, amount).Hash);
    }

    private static void WriteReply(Utf8JsonWriter json, JsonElement id, DevReply reply)
    {
        json.WriteStartObject();
        json.WriteString("jsonrpc", "2.0");
        json.WritePropertyName("id");
        if (id.ValueKind == JsonValueKind.Undefined)
            json.WriteNullValue();
        else
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(id), skipInputValidation: true);
        reply.WriteTo(json);
        json.WriteEndObject();
    }

    private static string ReadSchema()
    {
        using var stream = typeof(DevChain).Assembly.GetManifestResourceStream("Posthouse.Ivxp.Payments.DevChain.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
