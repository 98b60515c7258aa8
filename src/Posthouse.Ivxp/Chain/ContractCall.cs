using System.Text;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Chain;

/// <summary>The calls of contracts that are made here, as the contract ABI writes them: four bytes that name the function, then words of 32 bytes.</summary>
internal static class ContractCall
{
    private const int SelectorBytes = 4;
    private const int WordBytes = 32;

    /// <summary>Moves a token (ERC-20).</summary>
    public static byte[] Transfer(EthereumAddress to, UsdcAmount amount) =>
        Encode("transfer(address,uint256)", Word(to), Convert.FromHexString($"{amount.Units:x64}"));

    /// <summary>The call of <c>contracts/ServiceReady.sol</c>.</summary>
    public static byte[] ServiceReady(byte[] orderIdHash, EthereumAddress client, byte[] contentHash) =>
        Encode("serviceReady(bytes32,address,bytes32)", orderIdHash, Word(client), contentHash);

    private static byte[] Encode(string signature, params byte[][] words) =>
        [.. Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).AsSpan(0, SelectorBytes), .. words.SelectMany(word => word)];

    private static byte[] Word(EthereumAddress address)
    {
        var word = new byte[WordBytes];
        _ = Hex.TryRead(address.ToString(), word.AsSpan(WordBytes - 20));
        return word;
    }
}
