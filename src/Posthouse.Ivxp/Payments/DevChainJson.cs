using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Payments;

/// <summary>
/// Writes blocks, transactions and receipts of the development chain with the members that wallet libraries read from a real
/// node. A payment is a call of <c>transfer(address,uint256)</c> on the network's USDC contract.
/// </summary>
/// <param name="network">The network that is played.</param>
internal sealed class DevChainJson(UsdcNetwork network)
{
    private const string Nothing = "0x0";
    private const string TransferSelector = "0xa9059cbb"; // The first four bytes of Keccak-256 of transfer(address,uint256).
    private const string GasUsed = "0xafc8"; // 45,000: what a transfer of USDC costs.
    private const int BloomBytes = 256;

    public void WriteBlock(Utf8JsonWriter json, DevBlock block, bool withTransactions)
    {
        json.WriteStartObject();
        json.WriteString("number", ChainReading.WriteNumber(block.Number));
        json.WriteString("hash", block.Hash);
        json.WriteString("parentHash", block.ParentHash);
        json.WriteString("timestamp", ChainReading.WriteNumber(block.Time));
        json.WriteString("miner", EthereumAddress.Zero.ToString());
        json.WriteString("extraData", "0x");
        json.WriteString("nonce", "0x0000000000000000");
        json.WriteString("difficulty", Nothing);
        json.WriteString("gasLimit", "0x1c9c380");
        json.WriteString("gasUsed", block.Payment is null ? Nothing : GasUsed);
        json.WriteString("baseFeePerGas", Nothing);
        json.WriteString("size", Nothing);
        json.WriteString("logsBloom", Bloom(block.Payment));
        json.WriteStartArray("uncles");
        json.WriteEndArray();
        json.WriteStartArray("transactions");
        if (block.Payment is not null && withTransactions)
            WriteTransaction(json, block, block.Payment);
        else if (block.Payment is not null)
            json.WriteStringValue(block.Payment.Hash);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void WriteTransaction(Utf8JsonWriter json, DevBlock block, DevPayment payment)
    {
        json.WriteStartObject();
        json.WriteString("hash", payment.Hash);
        WritePlace(json, block);
        json.WriteString("from", payment.From.ToString());
        json.WriteString("to", network.Contract.ToString());
        json.WriteString("value", Nothing);
        json.WriteString("input", TransferSelector + TokenTransfer.Pad(payment.To)[2..] + Word(payment.Amount)[2..]);
        json.WriteString("nonce", Nothing);
        json.WriteString("gas", GasUsed);
        json.WriteString("gasPrice", Nothing);
        json.WriteString("type", Nothing);
        json.WriteString("chainId", ChainReading.WriteNumber(network.ChainId));
        json.WriteString("v", Nothing);
        json.WriteString("r", Nothing);
        json.WriteString("s", Nothing);
        json.WriteEndObject();
    }

    public void WriteReceipt(Utf8JsonWriter json, DevBlock block, DevPayment payment)
    {
        json.WriteStartObject();
        json.WriteString("transactionHash", payment.Hash);
        WritePlace(json, block);
        json.WriteString("from", payment.From.ToString());
        json.WriteString("to", network.Contract.ToString());
        json.WriteNull("contractAddress");
        json.WriteString("status", "0x1");
        json.WriteString("type", Nothing);
        json.WriteString("gasUsed", GasUsed);
        json.WriteString("cumulativeGasUsed", GasUsed);
        json.WriteString("effectiveGasPrice", Nothing);
        json.WriteString("logsBloom", Bloom(payment));
        json.WriteStartArray("logs");
        WriteLog(json, block, payment);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteLog(Utf8JsonWriter json, DevBlock block, DevPayment payment)
    {
        json.WriteStartObject();
        json.WriteString("address", network.Contract.ToString());
        json.WriteStartArray("topics");
        foreach (var topic in Topics(payment))
            json.WriteStringValue(topic);
        json.WriteEndArray();
        json.WriteString("data", Word(payment.Amount));
        json.WriteString("transactionHash", payment.Hash);
        WritePlace(json, block);
        json.WriteString("logIndex", Nothing);
        json.WriteBoolean("removed", false);
        json.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter json, DevBlock block)
    {
        json.WriteString("blockHash", block.Hash);
        json.WriteString("blockNumber", ChainReading.WriteNumber(block.Number));
        json.WriteString("transactionIndex", Nothing);
    }

    private static string[] Topics(DevPayment payment) => [TokenTransfer.Topic, TokenTransfer.Pad(payment.From), TokenTransfer.Pad(payment.To)];

    private static string Word(UsdcAmount amount) => $"0x{amount.Units:x64}";

    // The filter of the yellow paper, section 4.3.1: three bits of eleven for the contract and for each topic.
    private string Bloom(DevPayment? payment)
    {
        var bloom = new byte[BloomBytes];
        foreach (var entry in payment is null ? [] : Topics(payment).Prepend(network.Contract.ToString()))
        {
            var digest = Keccak256.Hash(Convert.FromHexString(entry.AsSpan(2)));
            for (var pair = 0; pair < 6; pair += 2)
            {
                var bit = ((digest[pair] << 8) | digest[pair + 1]) & 0x7FF;
                bloom[BloomBytes - 1 - (bit / 8)] |= (byte)(1 << (bit % 8));
            }
        }
        return Hex.Write(bloom);
    }
}
