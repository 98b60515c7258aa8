using System.Globalization;
using System.Text.Json;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Payments;

/// <summary>
/// Reads a node's JSON strictly: quantities and hashes in their one form, every member that is judged present. Anything else
/// throws <see cref="FormatException"/> or what <see cref="JsonElement"/> throws; the caller calls it malformed.
/// </summary>
internal static class ChainReading
{
    // A receipt of more logs than this is no payment; a block holds fewer.
    private const int MaxLogs = 10_000;

    public static ChainTransaction Transaction(JsonElement element)
    {
        var block = element.GetProperty("blockNumber");
        return new ChainTransaction(Hash(element.GetProperty("hash")), block.ValueKind == JsonValueKind.Null ? null : Number(block));
    }

    public static ChainReceipt Receipt(JsonElement element)
    {
        var logs = element.GetProperty("logs");
        if (logs.GetArrayLength() > MaxLogs)
            throw new FormatException("Too many logs.");
        return new ChainReceipt(
            Hash(element.GetProperty("transactionHash")),
            Number(element.GetProperty("status")) == 1,
            Number(element.GetProperty("blockNumber")),
            Hash(element.GetProperty("blockHash")),
            [.. logs.EnumerateArray().Select(Log)]);
    }

    public static IReadOnlyList<PlacedLog> Logs(JsonElement element) => element.GetArrayLength() > MaxLogs
        ? throw new FormatException("Too many logs.")
        : [.. element.EnumerateArray().Select(log =>
            new PlacedLog(Log(log), Hash(log.GetProperty("transactionHash")), Number(log.GetProperty("blockNumber"))))];

    public static ChainBlock Block(JsonElement element) => new(
        Number(element.GetProperty("number")),
        Hash(element.GetProperty("hash")),
        DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(Number(element.GetProperty("timestamp"))));

    /// <summary>A quantity: <c>0x</c> and hexadecimal digits without leading zeros, up to 2^63 − 1.</summary>
    public static long Number(JsonElement element)
    {
        var text = Text(element);
        return text.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new FormatException("Not a quantity.");
    }

    /// <summary>A number as a quantity.</summary>
    public static string WriteNumber(long number) => string.Create(CultureInfo.InvariantCulture, $"0x{number:x}");

    private static ChainLog Log(JsonElement element) => new(
        EthereumAddress.TryParse(Text(element.GetProperty("address")), out var address) ? address : throw new FormatException("Not an address."),
        [.. element.GetProperty("topics").EnumerateArray().Select(Hash)],
        Text(element.GetProperty("data")).ToLowerInvariant(),
        element.TryGetProperty("removed", out var removed) && removed.ValueKind != JsonValueKind.False);

    // A transaction's hash, a block's and a topic share one form.
    private static string Hash(JsonElement element) =>
        TransactionHash.TryNormalize(Text(element), out var hash) ? hash : throw new FormatException("Not a hash.");

    private static string Text(JsonElement element) => element.GetString() ?? throw new FormatException("Not a string.");
}
