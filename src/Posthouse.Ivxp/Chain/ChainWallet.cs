using System.Globalization;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Chain;

/// <summary>
/// Pays and calls contracts from a wallet, through a node's JSON-RPC. Made for callers that may die at any moment: <b>prepare</b>
/// a transaction, write its bytes and hash down, <b>send</b> it, and after a crash send the very same bytes again. Two transactions
/// of one nonce can never both be mined, so that what was prepared once moves money at most once. Prepare the next one only after
/// the last one was sent, or name the last nonce.
/// </summary>
/// <param name="rpc">The node.</param>
/// <param name="wallet">Who pays.</param>
/// <param name="fees">The most that is paid for gas.</param>
public sealed class ChainWallet(EthereumRpc rpc, Wallet wallet, FeeRule fees)
{
    // An estimate is made before the block that counts: balances may have changed, and a first transfer costs more than a second.
    private const int GasMarginPercent = 25;

    /// <summary>The paying account.</summary>
    public EthereumAddress Address => wallet.Address;

    /// <summary>Signs a transfer of USDC. Nothing is sent.</summary>
    /// <param name="network">Where; the node must be one of this chain.</param>
    /// <param name="to">To whom.</param>
    /// <param name="amount">How much.</param>
    /// <param name="after">The nonce of the last transaction that was prepared and may not have reached the node; null if there is none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="PosthouseException">A code of <see cref="ChainErrors"/>. Nothing was signed and nothing sent.</exception>
    public Task<SignedTransaction> PrepareTransferAsync(
        UsdcNetwork network, EthereumAddress to, UsdcAmount amount, long? after = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        return PrepareAsync(network, network.Contract, ContractCall.Transfer(to, amount), after, cancellationToken);
    }

    /// <summary>Signs a call of a contract, or with no contract the creation of one. Nothing is sent.</summary>
    /// <param name="network">Where.</param>
    /// <param name="contract">The contract; null to create one.</param>
    /// <param name="data">The call, or the creating code.</param>
    /// <param name="after">As for <see cref="PrepareTransferAsync"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="PosthouseException">A code of <see cref="ChainErrors"/>. Nothing was signed and nothing sent.</exception>
    public async Task<SignedTransaction> PrepareAsync(
        UsdcNetwork network, EthereumAddress? contract, ReadOnlyMemory<byte> data, long? after = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        await CheckChainAsync(network, cancellationToken);
        var offered = await FeesAsync(cancellationToken) ?? throw new PosthouseException(ChainErrors.FeeAboveCap,
            $"The chain asks for more than {Gwei(fees.MaxFeePerGas)} gwei per gas. Wait, or raise the cap.");
        var nonce = Math.Max(Known(await rpc.TransactionCountAsync(wallet.Address, "pending", cancellationToken)), after + 1 ?? 0);
        var gas = Known(await rpc.EstimateGasAsync(wallet.Address, contract, data, cancellationToken));
        return new DynamicFeeTransaction(network.ChainId, nonce, offered, gas + gas * GasMarginPercent / 100, contract, data).Sign(wallet);
    }

    /// <summary>Signs the same call again with the same nonce and higher fees, for one that is stuck. At most one of them is ever mined.</summary>
    /// <param name="network">Where.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="data">The call.</param>
    /// <param name="stuck">What was sent before.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null if the cap leaves no room: wait for lower fees.</returns>
    /// <exception cref="PosthouseException">A code of <see cref="ChainErrors"/>.</exception>
    public async Task<SignedTransaction?> PrepareReplacementAsync(
        UsdcNetwork network, EthereumAddress? contract, ReadOnlyMemory<byte> data, SignedTransaction stuck, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(stuck);
        await CheckChainAsync(network, cancellationToken);
        if (fees.Replace(stuck.Fees, await FeesAsync(cancellationToken)) is not { } higher)
            return null;
        // Not estimated anew, for the node may count the stuck one as done already.
        return new DynamicFeeTransaction(network.ChainId, stuck.Nonce, higher, stuck.GasLimit, contract, data).Sign(wallet);
    }

    /// <summary>Sends a prepared transaction. May be repeated with the same bytes as often as one likes, also after a crash.</summary>
    /// <param name="transaction">What was prepared, and written down before this call.</param>
    /// <param name="cancellationToken">Ends the exchange; whether the node has it is then not known.</param>
    public async Task<SendAnswer> SendAsync(SignedTransaction transaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return SendAnswer.From(await rpc.SendRawTransactionAsync(transaction.Raw, cancellationToken));
    }

    /// <summary>What became of a transaction that was prepared once.</summary>
    /// <param name="hash">Its hash, lower case.</param>
    /// <param name="nonce">Its nonce.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="PosthouseException">CHAIN_UNAVAILABLE.</exception>
    public async Task<TransactionFate> LookAsync(string hash, long nonce, CancellationToken cancellationToken = default)
    {
        // Counted first: what is mined in between then still shows as mined. Only finality counts, for a node that lags behind
        // another one's answers must never make a payment look undone.
        var settled = await rpc.TransactionCountAsync(wallet.Address, "finalized", cancellationToken);
        if (Look(await rpc.ReceiptAsync(hash, cancellationToken)) is { } receipt)
            return new TransactionFate(receipt.Succeeded ? FateKind.Mined : FateKind.Reverted, receipt.BlockNumber);
        if (Look(await rpc.TransactionAsync(hash, cancellationToken)) is not null)
            return new TransactionFate(FateKind.Pending, null);
        return new TransactionFate(Known(settled) > nonce ? FateKind.Displaced : FateKind.Unknown, null);
    }

    private async Task CheckChainAsync(UsdcNetwork network, CancellationToken cancellationToken)
    {
        var chain = Known(await rpc.ChainIdAsync(cancellationToken));
        if (chain != network.ChainId)
            throw new PosthouseException(ChainErrors.WrongChain, $"The node is one of chain {chain}, but {network.Id} is {network.ChainId}. Name another node.");
    }

    private async Task<GasFees?> FeesAsync(CancellationToken cancellationToken) => fees.Choose(
        Known(await rpc.NextBaseFeeAsync(cancellationToken)), Known(await rpc.PriorityFeeAsync(cancellationToken)));

    private static long Known(ChainAnswer<long?> answer) => Look(answer) ?? throw Unavailable("malformed");

    private static T? Look<T>(ChainAnswer<T> answer) => answer.Failure switch
    {
        null => answer.Value,
        EthereumRpc.Refusal => throw new PosthouseException(ChainErrors.ChainRefused,
            $"The chain refuses: {answer.Detail}. Look whether the wallet holds enough USDC, and ether for the fee."),
        _ => throw Unavailable(answer.Failure),
    };

    private static PosthouseException Unavailable(string failure) =>
        new(ChainErrors.ChainUnavailable, $"The chain cannot be read now ({failure}). Try again.");

    private static string Gwei(long wei) => ((decimal)wei / GasFees.WeiPerGwei).ToString(CultureInfo.InvariantCulture);
}
