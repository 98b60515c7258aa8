using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using static Posthouse.Ivxp.Receipts.ReceiptMark;

namespace Posthouse.Ivxp.Receipts;

/// <summary>One check of one bundle. It asks nobody: what only the chain or the parties know is said to be unproved.</summary>
internal sealed class ReceiptVerification(ReceiptBundle bundle, ISecp256k1 curve, JsonContent? content)
{
    private const string Quote = "quote";
    private const string Payment = "payment";
    private const string Delivery = "delivery";
    private const string Content = "content";
    private const string Receipt = "receipt";
    private const string Rating = "rating";
    private const string Dispute = "dispute";
    private const string Times = "times";

    private static readonly SignedText[] _proofs = [.. SignedText.All.Where(kind => kind.Id is "D1" or "D2" or "H1")];
    private static readonly SignedText[] _receipts = [SignedText.Receipt, SignedText.ReceiptWithoutHash, SignedText.OldReceipt];

    private readonly List<ReceiptFinding> _findings = [];
    private EthereumAddress _client;
    private EthereumAddress _provider;

    public ReceiptVerdict Run()
    {
        if (CheckQuote())
        {
            CheckPayment();
            CheckDelivery();
            CheckReceipt();
            CheckDispute();
            CheckTimes();
        }
        return new ReceiptVerdict(_findings);
    }

    private bool CheckQuote()
    {
        var quote = bundle.Quote;
        if (!OrderId.IsValid(bundle.OrderId))
            return Say(Quote, Wrong, "The order's id is none.");
        if (!EthereumAddress.TryParse(quote.ClientAddress, out _client) || !EthereumAddress.TryParse(quote.ProviderAgent.WalletAddress, out _provider)
            || !EthereumAddress.TryParse(quote.PaymentAddress, out _))
            return Say(Quote, Wrong, "An account of the quote is none.");
        if (UsdcNetwork.Find(quote.Network) is not { } network)
            return Say(Quote, Wrong, "The quote's network is not known.");
        if (quote.PriceUsdc == UsdcAmount.Zero)
            return Say(Quote, Wrong, "The quote has no price.");
        if (quote.TokenContract is not null && (!EthereumAddress.TryParse(quote.TokenContract, out var token) || token != network.Contract))
            Say(Quote, Wrong, $"The token is not the USDC of {network.Id}.");
        Say(Quote, Unproved, $"{quote.ServiceType} for {quote.PriceUsdc} USDC is the {Maker}'s word: nobody signs a quote.");
        return true;
    }

    private void CheckPayment()
    {
        if (bundle.Payment is not { } payment)
        {
            Say(Payment, Unproved, "The bundle holds no payment.");
            return;
        }
        if (!TransactionHash.TryNormalize(payment.TxHash, out var transaction))
        {
            Say(Payment, Wrong, "The payment's transaction is none.");
            return;
        }
        if (payment.Network != bundle.Quote.Network)
            Say(Payment, Wrong, $"It was paid on {payment.Network} and quoted on {bundle.Quote.Network}.");
        if (payment.AmountUsdc is { } amount && amount < bundle.Quote.PriceUsdc)
            Say(Payment, Wrong, $"{amount} USDC were paid and {bundle.Quote.PriceUsdc} were due.");
        Say(Payment, Unproved, $"That {transaction} paid it is for the chain {payment.Network} to say: look it up there.");
        CheckProof(payment, transaction);
    }

    private void CheckProof(BundledPayment payment, string transaction)
    {
        if (payment.SignedMessage is null && payment.Signature is null)
            Say(Payment, Unproved, "No signature of the client binds the payment to the order.");
        else if (Read(Payment, _proofs, payment.SignedMessage) is not { } text)
            return;
        else if (text.Payment is not null && (!TransactionHash.TryNormalize(text.Payment, out var signed) || signed != transaction))
            Say(Payment, Wrong, "The client signed another payment.");
        else if (!IsSigned(Payment, payment.SignedMessage, payment.Signature, _client, "client"))
            return;
        else if (text.Payment is null)
            Say(Payment, Unproved, $"{_client} signed for this order when it paid; that text names no payment, which is weaker.");
        else
            Say(Payment, Proved, $"{_client} signed that {transaction} pays this order.");
    }

    private void CheckDelivery()
    {
        if (bundle.Delivery is not { } delivery)
        {
            Say(Delivery, Unproved, "The bundle holds no delivery.");
            return;
        }
        if (!ContentHash.TryStrip(delivery.ContentHash, out var digest))
        {
            Say(Delivery, Wrong, "The content's hash is none.");
            return;
        }
        if (content is not { } here)
            Say(Content, Unproved, "The content is not part of the bundle: check it against the hash where you have it.");
        else if (here.Hash().Accepts(digest))
            Say(Content, Proved, $"The content at hand has the hash {digest}.");
        else
            Say(Content, Wrong, "The content at hand has another hash.");
        CheckVouching(delivery, digest);
    }

    private void CheckVouching(BundledDelivery delivery, string digest)
    {
        if (delivery.SignedMessage is null && delivery.Signature is null)
            Say(Delivery, Unproved, "The provider did not sign its delivery.");
        else if (Read(Delivery, [SignedText.Delivery], delivery.SignedMessage) is not { } text)
            return;
        else if (!ContentHash.TryStrip(text.ContentHash, out var signed) || signed != digest)
            Say(Delivery, Wrong, "The provider signed another content.");
        else if (IsSigned(Delivery, delivery.SignedMessage, delivery.Signature, _provider, "provider"))
            Say(Delivery, Proved, $"{_provider} signed that it made the content {digest} for this order at {text.Timestamp}.");
    }

    private void CheckReceipt()
    {
        if (bundle.Receipt is not { } receipt)
        {
            Say(Receipt, Unproved, "The bundle holds no receipt of the client.");
            return;
        }
        var forms = _receipts.Where(kind => kind.Id == receipt.Form).ToArray();
        if (Read(Receipt, forms, receipt.SignedMessage) is not { } text || !IsSigned(Receipt, receipt.SignedMessage, receipt.Signature, _client, "client"))
            return;
        if (text.ContentHash is null)
            Say(Receipt, Unproved, $"{_client} signed that this order was delivered ({receipt.Form}); that text names no content, which is weaker.");
        else
            CheckReceivedContent(text.ContentHash);
        CheckRating(receipt.SatisfactionRating);
    }

    private void CheckReceivedContent(string claimed)
    {
        ContentHash.TryStrip(claimed, out var digest);
        var delivery = bundle.Delivery;
        if (ContentHash.TryStrip(delivery?.ContentHash, out var made) && made == digest)
            Say(Receipt, Proved, $"{_client} signed that it received the content {digest}, the one that the provider delivered.");
        else if (content?.Hash().Accepts(digest) == true)
            Say(Receipt, Proved, $"{_client} signed that it received the content at hand, by its digest {digest}.");
        else if (digest is not null && (digest == delivery?.ContentHashRaw || digest == delivery?.ContentHashPython))
            Say(Receipt, Unproved, $"{_client} signed a digest under another definition ({digest}); only the content shows that it is the same.");
        else
            Say(Receipt, Wrong, "The client's receipt is for another content.");
    }

    private void CheckRating(int? rating)
    {
        if (rating is null)
            return;
        if (rating is < 1 or > 5)
            Say(Rating, Wrong, "A rating is 1 to 5.");
        else if (_client == _provider)
            Say(Rating, Wrong, "A provider cannot rate itself.");
        else
            Say(Rating, Unproved, $"The rating {rating} is the {Maker}'s word: no signed text carries it.");
    }

    private void CheckDispute()
    {
        if (bundle.Dispute is not { } dispute || Read(Dispute, dispute.Form == SignedText.Dispute.Id ? [SignedText.Dispute] : [], dispute.SignedMessage) is not { } text)
            return;
        if (IsSigned(Dispute, dispute.SignedMessage, dispute.Signature, _client, "client"))
            Say(Dispute, Proved, $"{_client} signed at {text.Timestamp} that it disputes the delivery.");
    }

    private void CheckTimes()
    {
        var found = _findings.Count;
        var completed = Time(bundle.Delivery?.CompletedAt, "completed_at");
        if (Time(bundle.Payment?.BlockTime, "block_time") is { } paid && Time(bundle.Quote.PayUntil, "pay_until") is { } until && paid > until)
            Say(Times, Wrong, "It was paid after the time to pay was over.");
        if (Time(bundle.Quote.QuotedAt, "quoted_at") is { } quoted && completed < quoted)
            Say(Times, Wrong, "The work was complete before it was quoted.");
        if (SignedText.Delivery.TryParse(bundle.Delivery?.SignedMessage, out var vouched) && completed is { } done && Time(vouched.Timestamp, "") != done)
            Say(Times, Wrong, "completed_at is not the time that the provider signed.");
        if (bundle.Receipt is { } receipt && completed is { } before
            && _receipts.Select(kind => kind.TryParse(receipt.SignedMessage, out var text) ? text : null).FirstOrDefault(text => text is not null) is { Timestamp: { } received }
            && !WireTime.IsNotBefore(received, before))
            Say(Times, Wrong, "The receipt is older than the content.");
        CheckRecorded(bundle.Receipt, _receipts, "receipt");
        CheckRecorded(bundle.Dispute, [SignedText.Dispute], "dispute");
        if (_findings.Count == found)
            Say(Times, Proved, "The times in the bundle do not contradict each other.");
    }

    /// <summary>Who takes a signed text accepts a clock that is so far ahead and no further.</summary>
    private void CheckRecorded(BundledReceipt? taken, SignedText[] kinds, string name)
    {
        var signed = kinds.Select(kind => kind.TryParse(taken?.SignedMessage, out var text) ? text.Timestamp : null).FirstOrDefault(written => written is not null);
        if (WireTime.TryParse(signed, out var at) && Time(taken?.RecordedAt, "recorded_at") is { } recorded && recorded < at - IvxpProtocol.Limits.MaxAhead)
            Say(Times, Wrong, $"The {name} was signed after it was recorded: it is not the one that was taken.");
    }

    /// <summary>The fields of a text that fits one of the kinds and names this order; else says what is wrong.</summary>
    private SignedFields? Read(string subject, SignedText[] kinds, string? message)
    {
        foreach (var kind in kinds)
        {
            if (!kind.TryParse(message, out var text))
                continue;
            if (text.OrderId == bundle.OrderId)
                return text;
            Say(subject, Wrong, "The signed text names another order.");
            return null;
        }
        Say(subject, Wrong, "The signed text is of no form that belongs here.");
        return null;
    }

    private bool IsSigned(string subject, string? message, string? signature, EthereumAddress by, string role) =>
        (message is not null && EthereumSignature.TryParse(signature, out var parsed) && PersonalMessage.IsSignedBy(message, parsed, by, curve))
        || Say(subject, Wrong, $"The signature is not that of the {role}, {by}.");

    private DateTimeOffset? Time(string? written, string name)
    {
        if (written is null)
            return null;
        if (WireTime.TryParse(written, out var instant))
            return instant;
        Say(Times, Wrong, $"{name} is no time.");
        return null;
    }

    private string Maker => bundle.MadeBy == ReceiptBundle.ByClient ? ReceiptBundle.ByClient : ReceiptBundle.ByProvider;

    private bool Say(string subject, ReceiptMark mark, string text)
    {
        _findings.Add(new ReceiptFinding(subject, mark, text));
        return false;
    }
}
