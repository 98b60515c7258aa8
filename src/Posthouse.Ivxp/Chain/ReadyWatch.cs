using System.Text;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Chain;

/// <summary>A provider's word on the chain that a result waits (<c>contracts/ServiceReady.sol</c>).</summary>
/// <param name="OrderIdHash">Keccak-256 of the order's id: 0x and 64 lower-case digits.</param>
/// <param name="ContentHash">SHA-256 of the result's canonical JSON: <c>sha256:</c> and 64 lower-case digits, as on the wire.</param>
/// <param name="Contract">Who said it. Anybody can deploy such a contract: fetch the result and check it, and believe nothing else.</param>
/// <param name="TransactionHash">Lower case.</param>
/// <param name="BlockNumber">Its block.</param>
public sealed record ReadyNotice(string OrderIdHash, string ContentHash, EthereumAddress Contract, string TransactionHash, long BlockNumber)
{
    /// <summary>Keccak-256 of <c>ServiceReady(bytes32,address,bytes32)</c>: the first topic of every notice.</summary>
    public const string Topic = "0x3b12ebc28d0db443c6166cbc0706328e5d894a2804c8305a2ec59d3c7f0c3212";

    /// <summary>Whether the notice is of this order.</summary>
    public bool IsOf(string orderId) => OrderIdHash == Hex.Write(HashOf(orderId));

    /// <summary>Keccak-256 of an order's id, which is ASCII.</summary>
    internal static byte[] HashOf(string orderId) => Keccak256.Hash(Encoding.ASCII.GetBytes(orderId));
}

/// <summary>What one look at the chain showed.</summary>
/// <param name="Notices">In the order of their blocks. A notice may show up again on a later page: act on what is missing, not on what is new.</param>
/// <param name="NextBlock">Where the next look begins; store it. A few blocks are looked at again, for a chain may take the newest ones back.</param>
/// <param name="IsCaughtUp">Whether the newest block was reached; if not, look again at once.</param>
public sealed record ReadyPage(IReadOnlyList<ReadyNotice> Notices, long NextBlock, bool IsCaughtUp);

/// <summary>
/// A client's look at the chain for results that wait for it: <c>eth_getLogs</c> from a block cursor, by the client's own account.
/// It finds notices of every provider, or of one contract.
/// </summary>
/// <param name="rpc">The node.</param>
/// <param name="client">The account that ordered.</param>
/// <param name="contract">The one contract that is listened to; null for all.</param>
public sealed class ReadyWatch(EthereumRpc rpc, EthereumAddress client, EthereumAddress? contract = null)
{
    // Public nodes refuse longer ranges.
    private const long MaxBlocks = 2_000;

    // More than a rollup's sequencer has been seen to take back.
    private const long ReorganisedBlocks = 16;

    /// <summary>The height from which a new client watches: what was said before it ordered is not for it.</summary>
    /// <returns>The height, or null with the failure's class.</returns>
    /// <param name="cancellationToken">Ends the question.</param>
    public Task<ChainAnswer<long?>> StartAsync(CancellationToken cancellationToken = default) => rpc.BlockNumberAsync(cancellationToken);

    /// <summary>Reads the next blocks.</summary>
    /// <param name="fromBlock">Where to begin: <see cref="StartAsync"/>, later <see cref="ReadyPage.NextBlock"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>A page, or the class of a failure: then look again later from the same block.</returns>
    public async Task<ChainAnswer<ReadyPage>> ReadAsync(long fromBlock, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fromBlock);
        var head = await rpc.BlockNumberAsync(cancellationToken);
        if (head.Value is not { } newest)
            return new ChainAnswer<ReadyPage>(null, head.Failure ?? "malformed", head.Detail);
        if (newest < fromBlock)
            return new ChainAnswer<ReadyPage>(new ReadyPage([], fromBlock, IsCaughtUp: true), null);
        var last = Math.Min(newest, fromBlock + MaxBlocks - 1);
        var logs = await rpc.LogsAsync(new LogFilter(fromBlock, last, contract, [ReadyNotice.Topic, null, TokenTransfer.Pad(client)]), cancellationToken);
        if (logs.Value is null)
            return new ChainAnswer<ReadyPage>(null, logs.Failure ?? "malformed", logs.Detail);
        var next = last < newest ? last + 1 : Math.Max(fromBlock, last + 1 - ReorganisedBlocks);
        return new ChainAnswer<ReadyPage>(new ReadyPage([.. logs.Value.Select(Read).OfType<ReadyNotice>()], next, last == newest), null);
    }

    // A node may answer more than was asked for; what is no notice for this client is passed over.
    private ReadyNotice? Read(PlacedLog placed)
    {
        var log = placed.Log;
        var isOurs = !log.Removed && log.Topics.Count == 3 && log.Topics[0] == ReadyNotice.Topic && log.Topics[2] == TokenTransfer.Pad(client)
            && (contract is null || log.Address == contract);
        var content = new byte[32];
        return isOurs && Hex.TryRead(log.Data, content)
            ? new ReadyNotice(log.Topics[1], "sha256:" + Convert.ToHexStringLower(content), log.Address, placed.TransactionHash, placed.BlockNumber)
            : null;
    }
}
