using System.Text.Json;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.House;
using Posthouse.Tests.Ivxp.Signing;

namespace Posthouse.Tests.Ivxp.Chain;

/// <summary>Transactions as viem signs them, byte for byte.</summary>
public sealed class TransactionVectorTests
{
    private static readonly List<JsonElement> Vectors =
        [.. JsonDocument.Parse(Tree.Read("spec/ivxp/vectors/transactions.json").Text).RootElement.GetProperty("transactions").EnumerateArray()];

    public static TheoryData<string> Curves => SigningVectorTests.Curves;

    [Theory]
    [MemberData(nameof(Curves))]
    public void Every_transaction_of_viem_is_made_again_byte_for_byte(string name)
    {
        Vectors.Count.ShouldBeGreaterThanOrEqualTo(40);
        foreach (var vector in Vectors)
        {
            var wallet = Wallet.FromSecret(Bytes(vector, "key"), SigningVectorTests.Curve(name));
            wallet.Address.ToString().ShouldBe(Text(vector, "from"));
            var fees = new GasFees(vector.GetProperty("maxFeePerGas").GetInt64(), vector.GetProperty("maxPriorityFeePerGas").GetInt64());
            EthereumAddress? to = Text(vector, "to") is { } contract ? EthereumAddress.Parse(contract) : null;
            var transaction = new DynamicFeeTransaction(vector.GetProperty("chainId").GetInt64(), vector.GetProperty("nonce").GetInt64(), fees,
                vector.GetProperty("gas").GetInt64(), to, Data(vector));

            var signed = transaction.Sign(wallet);

            if (Text(vector, "raw") is { } raw)
                signed.Raw.ShouldBe(raw, Text(vector, "name"));
            signed.Hash.ShouldBe(Text(vector, "hash"), Text(vector, "name"));
            (signed.Nonce, signed.GasLimit, signed.Fees).ShouldBe((transaction.Nonce, transaction.GasLimit, fees));
        }
    }

    [Fact]
    public void The_calls_of_contracts_are_what_viem_encodes()
    {
        var (transfers, notices) = (0, 0);
        foreach (var vector in Vectors)
        {
            if (vector.TryGetProperty("units", out var units))
            {
                ContractCall.Transfer(EthereumAddress.Parse(Text(vector, "payee")!), UsdcAmount.FromUnits(units.GetInt64())).ShouldBe(Data(vector));
                transfers++;
            }
            else if (vector.TryGetProperty("orderIdHash", out _))
            {
                ContractCall.ServiceReady(Bytes(vector, "orderIdHash"), EthereumAddress.Parse(Text(vector, "client")!), Bytes(vector, "contentHash")).ShouldBe(Data(vector));
                notices++;
            }
        }
        (transfers >= 10 && notices >= 10).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, "80")]
    [InlineData(127, "7f")]
    [InlineData(128, "8180")]
    [InlineData(1024, "820400")]
    [InlineData(long.MaxValue, "887fffffffffffffff")]
    public void A_number_is_written_without_leading_zeros(long number, string expected) =>
        Convert.ToHexStringLower(Rlp.Number(number)).ShouldBe(expected);

    private static byte[] Data(JsonElement vector) => Text(vector, "data") is { } data
        ? Convert.FromHexString(data[2..])
        : [.. Enumerable.Repeat(Convert.FromHexString(Text(vector, "fill")!)[0], vector.GetProperty("times").GetInt32())];

    private static byte[] Bytes(JsonElement vector, string name) => Convert.FromHexString(Text(vector, name)![2..]);

    private static string? Text(JsonElement vector, string name) => vector.GetProperty(name).GetString();
}
