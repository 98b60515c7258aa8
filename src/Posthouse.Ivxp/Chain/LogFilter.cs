using System.Text.Json;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Chain;

/// <summary>Which logs <c>eth_getLogs</c> answers.</summary>
/// <param name="FromBlock">The first block.</param>
/// <param name="ToBlock">The last one.</param>
/// <param name="Contract">The contract that wrote them; null for any.</param>
/// <param name="Topics">The topics in order, 0x and 64 digits each; null for any.</param>
public sealed record LogFilter(long FromBlock, long ToBlock, EthereumAddress? Contract, IReadOnlyList<string?> Topics)
{
    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("fromBlock", ChainReading.WriteNumber(FromBlock));
        json.WriteString("toBlock", ChainReading.WriteNumber(ToBlock));
        if (Contract is { } contract)
            json.WriteString("address", contract.ToString());
        json.WriteStartArray("topics");
        foreach (var topic in Topics)
            json.WriteStringValue(topic);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>A log and where it stands.</summary>
/// <param name="Log">The log.</param>
/// <param name="TransactionHash">Lower case.</param>
/// <param name="BlockNumber">Its block.</param>
public sealed record PlacedLog(ChainLog Log, string TransactionHash, long BlockNumber);
