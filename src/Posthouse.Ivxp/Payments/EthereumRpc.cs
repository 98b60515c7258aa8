using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Payments;

/// <summary>
/// The questions asked of an Ethereum node (execution-apis, JSON-RPC 2.0 over HTTP). A node that is away, answers with an
/// error or answers nonsense is a <see cref="ChainAnswer{T}.Failure"/>: it never counts as "not paid". This half reads payments;
/// <c>EthereumRpc.Sending.cs</c> has what a transaction needs.
/// </summary>
/// <param name="exchange">The way out.</param>
/// <param name="endpoint">The node's address.</param>
/// <param name="timeout">Time for one question.</param>
public sealed partial class EthereumRpc(IExchange exchange, Uri endpoint, TimeSpan timeout)
{
    /// <summary>The failure of a question that the node understood and answered with an error.</summary>
    internal const string Refusal = "rpc_error";

    // A node's sentence is shown to people; longer ones are dumps.
    private const int MaxDetailLength = 300;

    /// <summary>The chain's number (EIP-155).</summary>
    public Task<ChainAnswer<long?>> ChainIdAsync(CancellationToken cancellationToken = default) =>
        AskAsync("eth_chainId", [], element => ReadNumber(element), cancellationToken);

    /// <summary>The height of the newest block.</summary>
    public Task<ChainAnswer<long?>> BlockNumberAsync(CancellationToken cancellationToken = default) =>
        AskAsync("eth_blockNumber", [], element => ReadNumber(element), cancellationToken);

    /// <summary>A transaction, pending or in a block; null if the node does not know it.</summary>
    /// <param name="hash">Lower case.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public Task<ChainAnswer<ChainTransaction>> TransactionAsync(string hash, CancellationToken cancellationToken = default) =>
        AskAsync("eth_getTransactionByHash", [hash], ChainReading.Transaction, cancellationToken);

    /// <summary>The receipt of a transaction in a block; null if it is in none.</summary>
    /// <param name="hash">Lower case.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public Task<ChainAnswer<ChainReceipt>> ReceiptAsync(string hash, CancellationToken cancellationToken = default) =>
        AskAsync("eth_getTransactionReceipt", [hash], ChainReading.Receipt, cancellationToken);

    /// <summary>The block at a height, without its transactions; null if there is none.</summary>
    /// <param name="number">From 0.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public Task<ChainAnswer<ChainBlock>> BlockAsync(long number, CancellationToken cancellationToken = default) =>
        AskAsync("eth_getBlockByNumber", [ChainReading.WriteNumber(number), false], ChainReading.Block, cancellationToken);

    private static long? ReadNumber(JsonElement element) => ChainReading.Number(element);

    private async Task<ChainAnswer<T>> AskAsync<T>(string method, object[] args, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        var request = new ExchangeRequest(HttpMethod.Post, endpoint) { Body = Write(method, args), Timeout = timeout };
        ExchangeResponse response;
        try
        {
            response = await exchange.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException)
        {
            return Failed<T>("unreachable");
        }
        catch (TimeoutException)
        {
            return Failed<T>("timeout");
        }
        return response.IsSuccess ? Read(response.Body, read) : Failed<T>(string.Create(CultureInfo.InvariantCulture, $"http_{response.StatusCode}"));
    }

    private static byte[] Write(string method, object[] args)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        // One question per exchange: the id has nothing to tell apart.
        writer.WriteNumber("id", 1);
        writer.WriteString("method", method);
        writer.WriteStartArray("params");
        foreach (var arg in args)
        {
            if (arg is bool flag)
                writer.WriteBooleanValue(flag);
            else if (arg is Action<Utf8JsonWriter> write)
                write(writer);
            else
                writer.WriteStringValue((string)arg);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static ChainAnswer<T> Read<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var answer = document.RootElement;
            if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null)
                return new ChainAnswer<T>(default, Refusal, Sentence(error));
            var result = answer.GetProperty("result");
            return result.ValueKind == JsonValueKind.Null ? default : new ChainAnswer<T>(read(result), null);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or KeyNotFoundException or InvalidOperationException)
        {
            // ArgumentException: a block's time beyond the calendar.
            return Failed<T>("malformed");
        }
    }

    private static string? Sentence(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            && JsonText.String(message) is var text
            ? text[..Math.Min(text.Length, MaxDetailLength)]
            : null;

    private static ChainAnswer<T> Failed<T>(string failure) => new(default, failure);
}
