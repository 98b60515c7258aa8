using System.Numerics;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Payments;

/// <summary>
/// What a question to a node gave: a value (null if the chain has none), or the class of a failure, which says nothing of the chain.
/// </summary>
/// <typeparam name="T">What was asked for.</typeparam>
/// <param name="Value">The answer; null where the node answered <c>null</c>.</param>
/// <param name="Failure">
/// <c>unreachable</c>, <c>timeout</c>, <c>http_503</c> and so on, <c>rpc_error</c> or <c>malformed</c>; null if the node answered.
/// </param>
/// <param name="Detail">The node's own sentence for <c>rpc_error</c>, for people.</param>
public readonly record struct ChainAnswer<T>(T? Value, string? Failure, string? Detail = null);

/// <summary>A transaction as <c>eth_getTransactionByHash</c> tells it.</summary>
/// <param name="Hash">Lower case.</param>
/// <param name="BlockNumber">Its block, null while it is pending.</param>
public sealed record ChainTransaction(string Hash, long? BlockNumber);

/// <summary>The outcome of a transaction in a block.</summary>
/// <param name="TransactionHash">Lower case.</param>
/// <param name="Succeeded">Whether status is 1; a reverted transaction moved nothing.</param>
/// <param name="BlockNumber">Its block.</param>
/// <param name="BlockHash">That block's hash, lower case.</param>
/// <param name="Logs">What its contracts reported.</param>
public sealed record ChainReceipt(string TransactionHash, bool Succeeded, long BlockNumber, string BlockHash, IReadOnlyList<ChainLog> Logs);

/// <summary>One report of a contract.</summary>
/// <param name="Address">The contract.</param>
/// <param name="Topics">Indexed values of 32 bytes each, lower case.</param>
/// <param name="Data">The other values, <c>0x</c> and lower-case digits.</param>
/// <param name="Removed">Whether a reorganisation took it back.</param>
public sealed record ChainLog(EthereumAddress Address, IReadOnlyList<string> Topics, string Data, bool Removed);

/// <summary>A block.</summary>
/// <param name="Number">Its height.</param>
/// <param name="Hash">Lower case.</param>
/// <param name="Time">Its timestamp, whole seconds.</param>
public sealed record ChainBlock(long Number, string Hash, DateTimeOffset Time);

/// <summary>An ERC-20 Transfer event read out of a log.</summary>
/// <param name="From">Who paid.</param>
/// <param name="To">Who was paid.</param>
/// <param name="Units">Units of the token, up to 2^256 − 1.</param>
public readonly record struct TokenTransfer(EthereumAddress From, EthereumAddress To, BigInteger Units)
{
    /// <summary>Keccak-256 of <c>Transfer(address,address,uint256)</c> (ERC-20): the first topic of every transfer.</summary>
    public const string Topic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

    private const string AddressPadding = "0x000000000000000000000000";
    private const int WordLength = 66;

    /// <summary>Reads a log: exactly three topics, two of them padded addresses, and one word of data. NFTs use the same event with four.</summary>
    public static bool TryRead(ChainLog log, out TokenTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(log);
        transfer = default;
        if (log.Removed || log.Topics.Count != 3 || log.Topics[0] != Topic || log.Data.Length != WordLength)
            return false;
        if (!TryReadAddress(log.Topics[1], out var from) || !TryReadAddress(log.Topics[2], out var to))
            return false;
        Span<byte> word = stackalloc byte[32];
        if (!Hex.TryRead(log.Data, word))
            return false;
        transfer = new TokenTransfer(from, to, new BigInteger(word, isUnsigned: true, isBigEndian: true));
        return true;
    }

    /// <summary>An address as a topic: padded on the left to 32 bytes.</summary>
    public static string Pad(EthereumAddress address) => AddressPadding + address.ToString()[2..];

    private static bool TryReadAddress(string topic, out EthereumAddress address)
    {
        address = default;
        return topic.Length == WordLength
            && topic.StartsWith(AddressPadding, StringComparison.Ordinal)
            && EthereumAddress.TryParse("0x" + topic[AddressPadding.Length..], out address);
    }
}
