using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>Proves the provider's wallet to a directory that lists it, and signs nothing but that.</summary>
internal static class VerifyEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => IvxpRoute.Map(endpoints, IvxpProtocol.Routes.Verify, "POST", AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        var body = await IvxpAnswers.ReadJsonAsync(context);
        var wallet = IvxpRoute.Get<IvxpOptions>(context).Wallet;
        var proof = body
            .Then(bytes => IncomingMessage.ReadPlain(bytes, IvxpJson.Wire.WalletChallenge))
            .Then<WalletProof>(asked => (Refuse(asked, wallet) ?? IvxpEdge.Of(context)!.Limits.CountClaim(context)) is { } refusal
                ? refusal
                : new WalletProof(asked.Challenge, wallet.Address.ToString(), wallet.Sign(asked.Challenge).ToString()));
        await IvxpAnswers.WriteAsync(context, proof, IvxpJson.Wire.WalletProof);
    }

    private static Refusal? Refuse(WalletChallenge asked, Wallet wallet)
    {
        if (!WalletClaim.IsValid(asked.Challenge))
            return new Refusal(IvxpErrors.InvalidRequest, "Only a challenge of the form ivxp-claim:UUID is signed.", "challenge");
        if (asked.WalletAddress is null)
            return null;
        if (!EthereumAddress.TryParse(asked.WalletAddress, out var expected))
            return new Refusal(IvxpErrors.InvalidRequest, "wallet_address is 0x and 40 hexadecimal digits.");
        return expected == wallet.Address ? null : new Refusal(IvxpErrors.WalletMismatch, "This provider has another wallet.");
    }
}
