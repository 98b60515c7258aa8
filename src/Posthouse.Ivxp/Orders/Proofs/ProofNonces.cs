using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Proofs;

/// <summary>
/// Nonces of proofs. An order sees each with one transaction only: the same proof again is a repeat, the same nonce with another
/// payment is somebody's attempt to use a signature twice. Only proofs that were taken or kept count, for the others changed nothing.
/// </summary>
internal static class ProofNonces
{
    /// <summary>Whether the signed text has a nonce.</summary>
    public static bool Has(string text) => Of(text) is not null;

    /// <summary>Whether the signed text's nonce stands for another transaction of the order.</summary>
    public static bool IsSpent(IRead read, string orderId, string text, string transaction) =>
        Of(text) is { } nonce && Known(read, orderId, nonce) is { } known && known != transaction;

    /// <summary>Notes the nonce of a signed text, if it has one.</summary>
    public static void Note(IWrite write, string orderId, string text, string transaction)
    {
        if (Of(text) is { } nonce && Known(write, orderId, nonce) is null)
            write.Execute("INSERT INTO ivxp_nonce (order_id, nonce, tx_hash) VALUES ($1, $2, $3)", orderId, nonce, transaction);
    }

    private static string? Known(IRead read, string orderId, string nonce) =>
        read.QueryFirst("SELECT tx_hash FROM ivxp_nonce WHERE order_id = $1 AND nonce = $2", row => row.Text(0), orderId, nonce);

    private static string? Of(string text) => SignedText.PaymentWithNonce.TryParse(text, out var fields) ? fields.Nonce : null;
}
