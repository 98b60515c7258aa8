using System.Diagnostics.CodeAnalysis;
using System.Text;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// The texts that wallets sign, as one table. Each is built from its template and read back with every literal and every field
/// in place: a text that only contains the right words is refused, and no text of one kind can be read as another.
/// </summary>
public sealed class SignedText
{
    private const string OrderField = "order_id";
    private const string PaymentField = "tx_hash";
    private const string TimeField = "timestamp";
    private const string NonceField = "nonce";
    private const string WalletField = "wallet";
    private const string HashField = "content_hash";
    private const string HashOrNoneField = "content_hash_or_none";

    // Below 16 characters a nonce can be guessed; the upper bound keeps stored texts small.
    private const int MinNonceLength = 16;
    private const int MaxNonceLength = 128;

    private readonly (string Literal, string Field)[] _parts;
    private readonly string _tail;

    private SignedText(string id, string template)
    {
        Id = id;
        Template = template;
        (_parts, _tail) = Cut(template);
    }

    /// <summary>D1: the client binds a payment to an order.</summary>
    public static SignedText Payment { get; } = new("D1", "Order: {order_id} | Payment: {tx_hash} | Timestamp: {timestamp}");

    /// <summary>D2: as D1, with a nonce that an order sees once.</summary>
    public static SignedText PaymentWithNonce { get; } =
        new("D2", "IVXP-DELIVER | Order: {order_id} | Payment: {tx_hash} | Nonce: {nonce} | Timestamp: {timestamp}");

    /// <summary>C1: the client's receipt for a content.</summary>
    public static SignedText Receipt { get; } = new("C1", "Order: {order_id} | Received: true | Hash: {content_hash} | Timestamp: {timestamp}");

    /// <summary>C2: a receipt that names no content, which is weaker evidence.</summary>
    public static SignedText ReceiptWithoutHash { get; } = new("C2", "Confirm delivery: {order_id} | Timestamp: {timestamp}");

    /// <summary>C3: the oldest form of a receipt.</summary>
    public static SignedText OldReceipt { get; } = new("C3", "Order: {order_id} | Received: {timestamp} | Satisfied: true");

    /// <summary>X1: the client disputes a delivery; <c>none</c> if nothing came.</summary>
    public static SignedText Dispute { get; } =
        new("X1", "Order: {order_id} | Received: false | Hash: {content_hash_or_none} | Timestamp: {timestamp}");

    /// <summary>V1: the provider vouches for what it delivers.</summary>
    public static SignedText Delivery { get; } = new("V1", "Order: {order_id} | Delivered: {timestamp} | Content-Hash: {content_hash}");

    /// <summary>G1: the client asks for a download that its operator demands to be signed.</summary>
    public static SignedText Download { get; } = new("G1", "IVXP-DOWNLOAD | Order: {order_id} | Timestamp: {timestamp}");

    /// <summary>R1: the client asks for another round of pushes.</summary>
    public static SignedText Redeliver { get; } = new("R1", "IVXP-REDELIVER | Order: {order_id} | Timestamp: {timestamp}");

    /// <summary>I1: a client asks one provider for its own orders; naming the provider makes it worthless to any other.</summary>
    public static SignedText Inbox { get; } = new("I1", "IVXP-INBOX | Provider: {wallet} | Timestamp: {timestamp}");

    /// <summary>Every kind of text.</summary>
    public static IReadOnlyList<SignedText> All { get; } =
        [Payment, PaymentWithNonce, Receipt, ReceiptWithoutHash, OldReceipt, Dispute, Delivery, Download, Redeliver, Inbox];

    /// <summary>The short name used in <c>spec/ivxp/wire.md</c>, such as <c>D1</c>.</summary>
    public string Id { get; }

    /// <summary>The text with its fields in braces.</summary>
    public string Template { get; }

    /// <summary>Builds the text that is to be signed.</summary>
    /// <exception cref="ArgumentException">A field of the template is missing or malformed.</exception>
    public string Build(SignedFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var text = new StringBuilder();
        foreach (var (literal, field) in _parts)
        {
            var value = Get(fields, field);
            if (!IsValid(field, value))
                throw new ArgumentException($"'{value}' cannot stand for {{{field}}} in the text {Id}.", nameof(fields));
            text.Append(literal).Append(value);
        }
        return text.Append(_tail).ToString();
    }

    /// <summary>Reads a text that was signed; its whole length must fit the template.</summary>
    public bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SignedFields? fields)
    {
        fields = null;
        if (text is null || text.Length > IvxpProtocol.Limits.SignedTextLength || !text.EndsWith(_tail, StringComparison.Ordinal))
            return false;
        var rest = text.AsSpan(0, text.Length - _tail.Length);
        var read = new SignedFields("");
        for (var i = 0; i < _parts.Length; i++)
        {
            var (literal, field) = _parts[i];
            if (!rest.StartsWith(literal, StringComparison.Ordinal))
                return false;
            rest = rest[literal.Length..];
            var end = i + 1 < _parts.Length ? rest.IndexOf(_parts[i + 1].Literal, StringComparison.Ordinal) : rest.Length;
            if (end < 0)
                return false;
            var value = rest[..end].ToString();
            if (!IsValid(field, value))
                return false;
            read = Set(read, field, value);
            rest = rest[end..];
        }
        fields = read;
        return true;
    }

    private static ((string, string)[] Parts, string Tail) Cut(string template)
    {
        var pieces = template.Split('{', '}');
        var parts = new (string, string)[pieces.Length / 2];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = (pieces[i * 2], pieces[(i * 2) + 1]);
        return (parts, pieces[^1]);
    }

    private static bool IsValid(string field, string? value) => field switch
    {
        OrderField => OrderId.IsValid(value),
        PaymentField => TransactionHash.TryNormalize(value, out _),
        TimeField => WireTime.TryParse(value, out _),
        NonceField => value is { Length: >= MinNonceLength and <= MaxNonceLength } && value.All(sign => sign is > ' ' and <= '~' and not '|'),
        WalletField => EthereumAddress.TryParse(value, out _),
        HashField => ContentHash.TryStrip(value, out _),
        HashOrNoneField => value == "none" || ContentHash.TryStrip(value, out _),
        _ => false,
    };

    private static string? Get(SignedFields fields, string field) => field switch
    {
        OrderField => fields.OrderId,
        PaymentField => fields.Payment,
        TimeField => fields.Timestamp,
        NonceField => fields.Nonce,
        WalletField => fields.Wallet,
        _ => fields.ContentHash,
    };

    private static SignedFields Set(SignedFields fields, string field, string value) => field switch
    {
        OrderField => fields with { OrderId = value },
        PaymentField => fields with { Payment = value },
        TimeField => fields with { Timestamp = value },
        NonceField => fields with { Nonce = value },
        WalletField => fields with { Wallet = value },
        _ => fields with { ContentHash = value },
    };
}

/// <summary>The fields of a signed text, exactly as they stand in it. A template uses some of them.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Payment">The transaction's hash, in the case in which it was written.</param>
/// <param name="Timestamp">When it was signed, with a zone.</param>
/// <param name="Nonce">16 to 128 visible ASCII characters without <c>|</c>.</param>
/// <param name="ContentHash">A hash with or without its prefix.</param>
public sealed record SignedFields(string OrderId, string? Payment = null, string? Timestamp = null, string? Nonce = null, string? ContentHash = null)
{
    /// <summary>The provider's account, in the case in which it was written.</summary>
    public string? Wallet { get; init; }
}
