using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <content>From the proof to the receipt.</content>
internal sealed partial class PurchaseSteps
{
    // The wait between looks grows with the age of the waiting, between these two.
    private static readonly TimeSpan FirstPoll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SlowestPoll = TimeSpan.FromSeconds(60);

    // A payment in no block for so long was replaced or never sent; a person looks into the wallet.
    private static readonly TimeSpan UnverifiedFor = TimeSpan.FromHours(24);

    private static readonly string[] _collectable = ["ready", "ready_for_pickup", "posted", "delivered", "client_confirmed", "disputed", DeliveryFailed];
    private static readonly string[] _over = ["expired", "refunded"];
    private static readonly string[] _unpaid = ["quoted", .. _over];

    // Providers of version 1.0 say this also where only their push failed, so that one try is made.
    private const string DeliveryFailed = "delivery_failed";

    private async Task<Outcome<Nothing>> ProveAsync(ProviderClient provider, Purchase purchase, JobContext context, CancellationToken cancellationToken)
    {
        var secret = default(string);
        try
        {
            var paid = new PaidOrder(purchase.OrderId!, purchase.Protocol!, purchase.Network!, purchase.TransactionHash!, purchase.Endpoint);
            secret = (await provider.ProveAsync(WalletOf(purchase), paid, cancellationToken)).WebhookSecret;
        }
        catch (ProviderRefusedException refused) when (refused.Failure.Kind is not (FailureKind.Transient or FailureKind.Throttled))
        {
            // Old providers refuse a proof they have taken already; whose answer was lost must not be told that it did not pay.
            if (!await IsPaidAsync(provider, purchase, cancellationToken))
                return await NotTakenAsync(provider, purchase, refused, context);
        }
        CrashPoint.Reached((int)PurchaseCrashAt.Proved);
        return GoOn(provider, purchase, (now, write) => now with
        {
            ProvedAt = write.Now,
            WebhookSecret = secret ?? now.WebhookSecret,
            Status = now.Status is "quoted" or "asked" ? "paid" : now.Status,
            Step = PurchaseStep.Wait,
        });
    }

    private static async Task<bool> IsPaidAsync(ProviderClient provider, Purchase purchase, CancellationToken cancellationToken)
    {
        try
        {
            var status = await provider.StatusAsync(purchase.OrderId!, cancellationToken);
            return !_unpaid.Contains(status.StatusV11 ?? status.Status);
        }
        catch (ProviderRefusedException)
        {
            return false; // Then the refusal of the proof stands.
        }
    }

    /// <summary>A payment that the provider cannot see yet is proved again; money that was sent is never given up by a first no.</summary>
    private async Task<Outcome<Nothing>> NotTakenAsync(ProviderClient provider, Purchase purchase, ProviderRefusedException refused, JobContext context)
    {
        if (refused.Code != IvxpErrors.PaymentNotVerified || refused.Reason is not (null or "pending" or "confirmations" or "reorganised" or "not_found")
            || time.GetUtcNow() - context.AcceptedAt > UnverifiedFor)
            return Stop(purchase, refused.Code, refused.Message);
        await SeenAsync(purchase, "payment_pending");
        if (purchase.RawTransaction is null || refused.Reason is "confirmations" || ChainOf(purchase) is not { } chain)
            return Outcome.Snooze(NextLook(context));
        var isStuck = purchase.SentAt is { } sent && time.GetUtcNow() - sent >= options.StuckAfter;
        return await LookAfterAsync(provider, purchase, chain, isStuck, NextLook(context));
    }

    private async Task<Outcome<Nothing>> WaitAsync(ProviderClient provider, Purchase purchase, JobContext context, CancellationToken cancellationToken)
    {
        var status = await provider.StatusAsync(purchase.OrderId!, cancellationToken);
        var word = status.StatusV11 ?? status.Status;
        CrashPoint.Reached((int)PurchaseCrashAt.Seen);
        if (_collectable.Contains(word))
            return GoOn(provider, purchase, (now, _) => now with { Status = word, Step = PurchaseStep.Fetch });
        await SeenAsync(purchase, word);
        return _over.Contains(word) ? Stop(purchase, ClientErrors.OrderFailed, $"The order ended as {word}.") : Outcome.Snooze(NextLook(context));
    }

    private async Task<Outcome<Nothing>> FetchAsync(ProviderClient provider, Purchase purchase, CancellationToken cancellationToken)
    {
        CheckedDelivery delivery;
        try
        {
            delivery = await provider.CollectAsync(purchase.OrderId!, purchase.Provider!.Value, WalletOf(purchase), cancellationToken);
        }
        catch (PosthouseException e) when (purchase.Status == DeliveryFailed && e.Code is IvxpErrors.DeliverableNotReady or IvxpErrors.InternalError or IvxpErrors.OrderNotFound or IvxpErrors.OrderExpired)
        {
            return Stop(purchase, ClientErrors.OrderFailed, $"The order ended as {DeliveryFailed}: the provider has no result for it.");
        }
        catch (PosthouseException e) when (e.Code == IvxpErrors.DeliverableNotReady)
        {
            // Who collects on a stranger's word goes back to waiting.
            return _collectable.Contains(purchase.Status) ? Outcome.Snooze(FirstPoll) : GoOn(provider, purchase, (now, _) => now with { Step = PurchaseStep.Wait });
        }
        CrashPoint.Reached((int)PurchaseCrashAt.Fetched);
        return GoOn(provider, purchase, (now, write) => Received(now, delivery.Message, write.Now));
    }

    /// <summary>A purchase with its result, which was checked before.</summary>
    private static Purchase Received(Purchase purchase, ServiceDelivery message, DateTimeOffset now) => purchase with
    {
        Content = message.Deliverable.Content.Utf8.ToArray(),
        ContentHash = message.ContentHash ?? message.Deliverable.ContentHash ?? message.Deliverable.Content.Hash().Wire,
        SignedMessage = message.SignedMessage,
        Signature = message.Signature,
        DownloadedAt = now,
        Status = purchase.Status is "client_confirmed" or "disputed" ? purchase.Status : "delivered",
        Step = (purchase.Wants & Purchase.WantsReceipt) != 0 ? PurchaseStep.Confirm : PurchaseStep.Through,
    };

    /// <summary>Keeps a result that came outside of the steps. What is kept already stays as it is, whatever comes under the same order.</summary>
    public static Purchase Kept(IWrite write, Purchase purchase, ServiceDelivery message, string? deliveryId)
    {
        if (purchase.Content is not null)
            return purchase;
        var received = Received(purchase, message, write.Now) with { DeliveryId = deliveryId };
        return purchase.Step is PurchaseStep.Wait or PurchaseStep.Fetch ? TakeStep.Enter(write, received) : received with { Step = purchase.Step };
    }

    private async Task<Outcome<Nothing>> SignAsync(ProviderClient provider, Purchase purchase, CancellationToken cancellationToken)
    {
        var confirms = purchase.Step is PurchaseStep.Confirm;
        byte[] sent = [];
        var signed = "";
        var answer = await provider.PostInDialectAsync(
            dialect => ProviderPaths.Confirm(dialect, purchase.OrderId!),
            (_, now) => sent = ReceiptMessage.Write(purchase, WalletOf(purchase), options.Name, signed = now), cancellationToken);
        CrashPoint.Reached((int)PurchaseCrashAt.Confirmed);
        // Where the provider does not say when, the clock it was signed by does: this one may be wrong.
        var said = AnsweredAt(answer, confirms ? "confirmed_at" : "disputed_at") ?? (WireTime.TryParse(signed, out var at) ? at : null);
        return GoOn(provider, purchase, (now, write) => now with
        {
            Receipt = sent,
            Rating = confirms ? purchase.Rating : now.Rating,
            ConfirmedAt = confirms ? said ?? write.Now : now.ConfirmedAt,
            DisputedAt = confirms ? now.DisputedAt : said ?? write.Now,
            Status = confirms ? "client_confirmed" : "disputed",
            Step = PurchaseStep.Through,
        });
    }

    private static DateTimeOffset? AnsweredAt(ReadOnlyMemory<byte> answer, string member)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return WireTime.TryParse(Answers.Text(document.RootElement, member), out var at) ? at : null;
        }
        catch (JsonException)
        {
            return null; // It was accepted; when, we know well enough.
        }
    }

    private TimeSpan NextLook(JobContext context)
    {
        var age = time.GetUtcNow() - context.AcceptedAt;
        return age < FirstPoll ? FirstPoll : age < SlowestPoll ? age : SlowestPoll;
    }

    private async Task SeenAsync(Purchase purchase, string word)
    {
        if (purchase.Status != word)
            await book.ChangeAsync(purchase.Id, (now, _) => now with { Status = word });
    }
}
