using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Proofs;

/// <summary>A proof of payment whose signature was found right.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="TransactionHash">Lower case.</param>
/// <param name="SignedText">What the client signed.</param>
/// <param name="Signature">Its signature.</param>
/// <param name="Endpoint">Where the client wants the result, or null.</param>
internal sealed record OrderClaim(string OrderId, string TransactionHash, string SignedText, string Signature, string? Endpoint);

/// <summary>Proofs that wait for the chain.</summary>
internal static class OrderClaims
{
    /// <summary>Claims kept for one order: a client who has a reason for more has a reason to wait.</summary>
    private const int MaxPerOrder = 3;

    public static bool Any(IRead read, string orderId) => read.Scalar("SELECT COUNT(*) FROM ivxp_claim WHERE order_id = $1", orderId) > 0;

    public static OrderClaim? Find(IRead read, string orderId, string transaction) => read.QueryFirst(
        "SELECT signed_text, signature, delivery_endpoint FROM ivxp_claim WHERE order_id = $1 AND tx_hash = $2",
        row => new OrderClaim(orderId, transaction, row.Text(0), row.Text(1), row.TextOrNull(2)), orderId, transaction);

    /// <summary>Keeps a claim and enqueues the job that looks at it again; does nothing where it is kept already.</summary>
    public static void Keep(IWrite write, OrderClaim claim)
    {
        if (Find(write, claim.OrderId, claim.TransactionHash) is not null || write.Scalar("SELECT COUNT(*) FROM ivxp_claim WHERE order_id = $1", claim.OrderId) >= MaxPerOrder)
            return;
        write.Execute("INSERT INTO ivxp_claim (order_id, tx_hash, signed_text, signature, delivery_endpoint, made_at) VALUES ($1, $2, $3, $4, $5, $6)",
            claim.OrderId, claim.TransactionHash, claim.SignedText, claim.Signature, claim.Endpoint, OrderRows.Stored(write.Now));
        ProofNonces.Note(write, claim.OrderId, claim.SignedText, claim.TransactionHash);
        write.Enqueue(new CheckPayment(claim.OrderId, claim.TransactionHash));
    }

    public static void Drop(IWrite write, string orderId, string transaction) =>
        write.Execute("DELETE FROM ivxp_claim WHERE order_id = $1 AND tx_hash = $2", orderId, transaction);
}
