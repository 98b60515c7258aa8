using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>What matters of a quote, checked.</summary>
internal sealed record QuoteAnswer(EthereumAddress Provider, string OrderId, string Protocol, UsdcAmount Price, string Network, EthereumAddress PaymentAddress)
{
    /// <summary>Reads a quote of any provider; whatever is not needed may be missing.</summary>
    /// <exception cref="PosthouseException">ANSWER_INVALID: it names no order, account or network that can be used.</exception>
    public static QuoteAnswer Read(ReadOnlyMemory<byte> body)
    {
        using var document = Answers.Parse(body);
        var root = document.RootElement;
        if (!root.TryGetProperty("quote", out var quote) || !root.TryGetProperty("provider_agent", out var agent)
            || !Ivxp.Protocol.OrderId.IsValid(Answers.Text(root, "order_id"))
            || !EthereumAddress.TryParse(Answers.Text(agent, "wallet_address"), out var provider) || provider.IsZero
            || !EthereumAddress.TryParse(Answers.Text(quote, "payment_address"), out var payTo) || payTo.IsZero
            || UsdcNetwork.Find(Answers.Text(quote, "network")) is not { } network
            || !quote.TryGetProperty("price_usdc", out var price) || price.ValueKind is not System.Text.Json.JsonValueKind.Number
            || !UsdcAmount.TryParse(price.GetRawText(), out var amount) || amount == UsdcAmount.Zero)
        {
            throw Answers.Invalid("The quote names no order, price, account or network that can be used.");
        }
        // What is paid in another token than USDC is lost.
        if (Answers.Text(quote, "token_contract") is { } token && (!EthereumAddress.TryParse(token, out var contract) || contract != network.Contract))
            throw new PosthouseException(IvxpErrors.InvalidTokenContract, $"The quote asks for the token {token}, which is not USDC on {network}. Nothing is paid.");
        return new QuoteAnswer(provider, Answers.Text(root, "order_id")!, IvxpProtocol.IsSupported(Answers.Text(root, "protocol")) ? Answers.Text(root, "protocol")! : IvxpProtocol.Version10,
            amount, network.Id, payTo);
    }
}
