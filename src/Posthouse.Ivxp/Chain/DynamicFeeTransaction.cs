using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Chain;

/// <summary>A transaction of type 2 (EIP-1559) that moves no ether: a call of a contract, or the creation of one.</summary>
/// <param name="ChainId">The chain it is valid on (EIP-155).</param>
/// <param name="Nonce">How many transactions of the account came before it; two of the same nonce can never both be mined.</param>
/// <param name="Fees">What is paid for it.</param>
/// <param name="GasLimit">The most gas it may use.</param>
/// <param name="To">The contract; null creates one.</param>
/// <param name="Data">The call, or the code that creates.</param>
public sealed record DynamicFeeTransaction(
    long ChainId, long Nonce, GasFees Fees, long GasLimit, EthereumAddress? To, ReadOnlyMemory<byte> Data)
{
    private const byte Type = 2;

    // No ether is moved, and no storage is announced.
    private static readonly byte[] _noValue = Rlp.Number(0);
    private static readonly byte[] _noAccessList = Rlp.List();

    /// <summary>Signs it. Nothing is sent; the same wallet makes the same bytes each time (RFC 6979).</summary>
    /// <param name="wallet">The account that pays for it.</param>
    public SignedTransaction Sign(Wallet wallet)
    {
        ArgumentNullException.ThrowIfNull(wallet);
        var fields = Fields();
        var signature = wallet.SignDigest(Keccak256.Hash([Type, .. Rlp.List(fields)]));
        byte[] raw = [Type, .. Rlp.List([.. fields, Rlp.Number(signature.YParity), Rlp.Number(signature.R), Rlp.Number(signature.S)])];
        return new SignedTransaction(Hex.Write(Keccak256.Hash(raw)), Hex.Write(raw), Nonce, GasLimit, Fees);
    }

    private byte[][] Fields()
    {
        var to = new byte[20];
        var hasTo = To is { } address && Hex.TryRead(address.ToString(), to);
        return
        [
            Rlp.Number(ChainId),
            Rlp.Number(Nonce),
            Rlp.Number(Fees.MaxPriorityFeePerGas),
            Rlp.Number(Fees.MaxFeePerGas),
            Rlp.Number(GasLimit),
            Rlp.Bytes(hasTo ? to : []),
            _noValue,
            Rlp.Bytes(Data.Span),
            _noAccessList,
        ];
    }
}

/// <summary>
/// A signed transaction as it is written down before it is sent. Its hash is known from its bytes alone, and sending the same bytes
/// again can never move money twice.
/// </summary>
/// <param name="Hash">0x and 64 lower-case digits.</param>
/// <param name="Raw">What <c>eth_sendRawTransaction</c> takes: 0x and lower-case digits.</param>
/// <param name="Nonce">Its place among the account's transactions.</param>
/// <param name="GasLimit">The most gas it may use.</param>
/// <param name="Fees">What is paid for it.</param>
public sealed record SignedTransaction(string Hash, string Raw, long Nonce, long GasLimit, GasFees Fees);
