using System.Text.Json;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Payments;

// What a transaction needs: its place, its price, its way into the pool, and the reports it left.
public sealed partial class EthereumRpc
{
    /// <summary>How many transactions an account has sent.</summary>
    /// <param name="account">The account.</param>
    /// <param name="block"><c>pending</c> counts those that wait too; <c>latest</c> and <c>finalized</c> those in blocks.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public Task<ChainAnswer<long?>> TransactionCountAsync(EthereumAddress account, string block, CancellationToken cancellationToken = default) =>
        AskAsync("eth_getTransactionCount", [account.ToString(), block], element => ReadNumber(element), cancellationToken);

    /// <summary>The gas a call would use now. A call that would be reverted is answered with an error.</summary>
    /// <param name="from">Who calls.</param>
    /// <param name="to">The contract; null to create one.</param>
    /// <param name="data">The call.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public Task<ChainAnswer<long?>> EstimateGasAsync(
        EthereumAddress from, EthereumAddress? to, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        AskAsync("eth_estimateGas", [Call(from, to, data)], element => ReadNumber(element), cancellationToken);

    /// <summary>What the next block asks for each unit of gas (EIP-1559), in wei.</summary>
    public Task<ChainAnswer<long?>> NextBaseFeeAsync(CancellationToken cancellationToken = default) =>
        AskAsync("eth_feeHistory", ["0x1", "latest", (Action<Utf8JsonWriter>)WriteNoPercentiles], ReadNextBaseFee, cancellationToken);

    /// <summary>What the node suggests to give the builder of a block for each unit of gas, in wei.</summary>
    public Task<ChainAnswer<long?>> PriorityFeeAsync(CancellationToken cancellationToken = default) =>
        AskAsync("eth_maxPriorityFeePerGas", [], element => ReadNumber(element), cancellationToken);

    /// <summary>Gives a signed transaction to the node.</summary>
    /// <param name="raw">0x and hexadecimal digits.</param>
    /// <param name="cancellationToken">Ends the question; the node may have it all the same.</param>
    /// <returns>The transaction's hash, or <c>rpc_error</c> with the node's sentence.</returns>
    public Task<ChainAnswer<string>> SendRawTransactionAsync(string raw, CancellationToken cancellationToken = default) =>
        AskAsync("eth_sendRawTransaction", [raw], element => element.GetString() ?? throw new FormatException("Not a hash."), cancellationToken);

    /// <summary>The logs of contracts in blocks.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public Task<ChainAnswer<IReadOnlyList<PlacedLog>>> LogsAsync(LogFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return AskAsync("eth_getLogs", [(Action<Utf8JsonWriter>)filter.WriteTo], ChainReading.Logs, cancellationToken);
    }

    private static Action<Utf8JsonWriter> Call(EthereumAddress from, EthereumAddress? to, ReadOnlyMemory<byte> data) => json =>
    {
        json.WriteStartObject();
        json.WriteString("from", from.ToString());
        if (to is { } contract)
            json.WriteString("to", contract.ToString());
        json.WriteString("data", Hex.Write(data.Span));
        json.WriteEndObject();
    };

    private static void WriteNoPercentiles(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteEndArray();
    }

    // One block was asked for; the element after it is the block to come.
    private static long? ReadNextBaseFee(JsonElement element)
    {
        var fees = element.GetProperty("baseFeePerGas");
        return ChainReading.Number(fees[fees.GetArrayLength() - 1]);
    }
}
