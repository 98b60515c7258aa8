using System.Buffers.Binary;
using System.Text;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Payments;

/// <summary>A block of the development chain with its one payment; the first block has none.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Hash">Lower case.</param>
/// <param name="ParentHash">The block before.</param>
/// <param name="Time">Seconds since 1970.</param>
/// <param name="Payment">What moved.</param>
internal sealed record DevBlock(long Number, string Hash, string ParentHash, long Time, DevPayment? Payment);

/// <summary>A payment of the development chain.</summary>
internal sealed record DevPayment(string Hash, EthereumAddress From, EthereumAddress To, UsdcAmount Amount);

/// <summary>The blocks of the development chain, kept in a table of the room.</summary>
/// <param name="network">The network that is played.</param>
/// <param name="time">The clock of new blocks.</param>
/// <param name="ids">Makes each transaction's hash its own.</param>
internal sealed class DevLedger(UsdcNetwork network, TimeProvider time, IIds ids)
{
    private const string Columns = "SELECT number, hash, parent_hash, sealed_at, tx_hash, from_address, to_address, units FROM devchain_block ";
    private static readonly string NoParent = Hex.Write(new byte[32]);

    private readonly DevBlock _first = new(0, HashOf("posthouse development chain", "", "", network.ChainId), NoParent, 0, null);

    /// <summary>The newest block.</summary>
    public DevBlock Head(IRead read) => read.QueryFirst(Columns + "ORDER BY number DESC LIMIT 1", Map) ?? _first;

    /// <summary>The block at a height, or null.</summary>
    public DevBlock? At(IRead read, long number) => number == 0 ? _first : read.QueryFirst(Columns + "WHERE number = $1", Map, number);

    /// <summary>The block of a transaction, or null.</summary>
    public static DevBlock? Of(IRead read, string transactionHash) => read.QueryFirst(Columns + "WHERE tx_hash = $1", Map, transactionHash);

    /// <summary>Seals a payment into the next block; it exists when the caller's transaction is committed.</summary>
    public DevPayment Seal(ISqlWrite write, EthereumAddress from, EthereumAddress to, UsdcAmount amount)
    {
        var parent = Head(write);
        var sealedAt = Math.Max(parent.Time, time.GetUtcNow().ToUnixTimeSeconds());
        Span<byte> nonce = stackalloc byte[32];
        ids.Fill(nonce);
        var payment = new DevPayment(HashOf(Hex.Write(nonce), from.ToString(), to.ToString(), amount.Units), from, to, amount);
        var block = new DevBlock(parent.Number + 1, HashOf(parent.Hash, payment.Hash, "", sealedAt), parent.Hash, sealedAt, payment);
        write.Execute(
            "INSERT INTO devchain_block (number, hash, parent_hash, sealed_at, tx_hash, from_address, to_address, units) "
            + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            block.Number, block.Hash, block.ParentHash, block.Time, payment.Hash, from.ToString(), to.ToString(), amount.Units);
        return payment;
    }

    private static string HashOf(string first, string second, string third, long number)
    {
        var text = Encoding.ASCII.GetBytes(first + second + third);
        var bytes = new byte[text.Length + 8];
        text.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(text.Length), number);
        return Hex.Write(Keccak256.Hash(bytes));
    }

    private static DevBlock Map(IRow row) => new(
        row.Int64(0),
        row.Text(1),
        row.Text(2),
        row.Int64(3),
        new DevPayment(row.Text(4), EthereumAddress.Parse(row.Text(5)), EthereumAddress.Parse(row.Text(6)), UsdcAmount.FromUnits(row.Int64(7))));
}
