using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Hosting;

namespace Posthouse.Ivxp.Payments;

/// <summary>
/// Asks the node at the start which chain it is one of, so that an operator hears of a wrong address before a client pays. The
/// verifier asks again before each judgement, which also covers every reconnection.
/// </summary>
internal sealed class ChainCheck(IvxpOptions options, IvxpExchanges exchanges, IvxpLog log)
{
    /// <summary>Completes if the node is right or cannot be asked now.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the node is one of another chain.</exception>
    public async Task AtStartAsync(CancellationToken cancellationToken)
    {
        // A development server's own chain does not listen yet, and is right by construction.
        if (options.RpcUrl() is not { } node)
            return;
        var chain = await new EthereumRpc(exchanges.Chain, node, options.RpcTimeout).ChainIdAsync(cancellationToken);
        if (chain.Value is not { } id)
        {
            log.Logger.ChainAway(chain.Failure ?? "malformed");
        }
        else if (id != options.Network.ChainId)
        {
            log.Logger.ChainIsWrong(options.Network.Id);
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"The node at Ivxp:RpcUrl is one of chain {id}, but orders are paid on {options.Network.Id}, which is {options.Network.ChainId}. Name a node of that chain.");
        }
        else
        {
            log.Logger.ChainIsRight(options.Network.Id);
        }
    }
}
