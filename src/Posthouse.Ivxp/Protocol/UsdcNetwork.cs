using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Protocol;

/// <summary>A chain on which USDC is paid, and the contract that counts as USDC there.</summary>
public sealed class UsdcNetwork
{
    private const string ShortName = "base";

    private UsdcNetwork(string id, long chainId, string contract)
    {
        Id = id;
        ChainId = chainId;
        Contract = EthereumAddress.Parse(contract);
    }

    /// <summary>Base, where USDC is money.</summary>
    public static UsdcNetwork BaseMainnet { get; } = new("base-mainnet", 8453, "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913");

    /// <summary>Base's test chain, where USDC is worthless.</summary>
    public static UsdcNetwork BaseSepolia { get; } = new("base-sepolia", 84532, "0x036CbD53842c5426634e7929541eC2318f3dCF7e");

    /// <summary>Every network that is understood.</summary>
    public static IReadOnlyList<UsdcNetwork> All { get; } = [BaseMainnet, BaseSepolia];

    /// <summary>The name on the wire.</summary>
    public string Id { get; }

    /// <summary>The number that <c>eth_chainId</c> must answer (EIP-155).</summary>
    public long ChainId { get; }

    /// <summary>The ERC-20 contract of USDC, which counts six decimals.</summary>
    public EthereumAddress Contract { get; }

    /// <summary>The network of this name, or null.</summary>
    public static UsdcNetwork? Find(string? id) => All.FirstOrDefault(network => network.Id == id);

    /// <summary>The network that a proof of payment names, or null; browsers call the first one <c>base</c>.</summary>
    public static UsdcNetwork? FindPaid(string? id) => id == ShortName ? BaseMainnet : Find(id);

    /// <inheritdoc/>
    public override string ToString() => Id;
}
