using System.Globalization;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Orders;

/// <summary>One thing that happened to an order, or that is going to.</summary>
/// <param name="At">When.</param>
/// <param name="Tone">What.</param>
/// <param name="Said">More, in a line.</param>
/// <param name="Proofs">What proves it.</param>
internal sealed record TimelineStep(DateTimeOffset At, Tone Tone, string Said, IReadOnlyList<(string Name, string Value)> Proofs);

/// <summary>Puts an order's changes, its work and what is due next into one line of time. Pure.</summary>
internal static class OrderTimeline
{
    /// <summary>Most characters of a reason: what clients write about an order has a limit of its own, and old rows may have none.</summary>
    private const int MaxReason = 1_000;

    public static IReadOnlyList<TimelineStep> Of(OrderSheet sheet)
    {
        var begun = 0;
        var changes = sheet.Story.Changes.Select(change => Step(sheet, change, change.Event is OrderEvent.WorkStarted ? ++begun : begun));
        return [.. changes.ToList().Concat(Work(sheet)).OrderBy(step => step.At), .. Next(sheet)];
    }

    private static TimelineStep Step(OrderSheet sheet, OrderChange change, int begun)
    {
        var order = sheet.Order;
        var to = OrderFace.Host(order) is { } host ? "to " + host : "";
        return change.Event switch
        {
            OrderEvent.Requested => Told(Tone.Calm("quoted"), $"{order.ServiceType} for {OrderFace.Usdc(order.Price)}, to {order.ClientName}", ("To be paid to", order.PaymentAddress.ToString()), ("Network", order.Network.Id)),
            OrderEvent.PaymentVerified => Told(Tone.Good("paid"), sheet.Story.Payment?.AmountUsdc is { } amount ? OrderFace.Usdc(amount) : "", Payment(sheet)),
            OrderEvent.PaymentRepeated => Told(Tone.Calm("proved again"), "the same payment"),
            OrderEvent.WorkStarted => Told(Tone.Busy("work begun"), begun > 1 ? string.Create(CultureInfo.InvariantCulture, $"attempt {begun}") : ""),
            OrderEvent.StoredForPush => Told(Tone.Good("result stored"), "to be pushed " + to, Result(sheet)),
            OrderEvent.StoredForPickup => Told(Tone.Good("result stored"), "for pickup", Result(sheet)),
            OrderEvent.WorkFailed => Told(Tone.Bad("work failed"), "for good: nothing will be delivered unless its job is retried"),
            OrderEvent.PushSucceeded => Told(Tone.Good("pushed"), to),
            OrderEvent.PushFailed => Told(Tone.Warn("push failed"), change.Evidence is { } why ? $"{to}: {why.Replace('_', ' ')}" : $"{to}: not known to have arrived, so it waits for pickup as well"),
            OrderEvent.Downloaded => Told(Tone.Good("picked up"), "the client downloaded the whole result"),
            OrderEvent.ReceiptSigned => Told(Tone.Good("receipt"), Rating(Word(sheet, change)?.Word.SatisfactionRating), Signed(Word(sheet, change))),
            OrderEvent.DisputeSigned => Told(Tone.Bad("disputed"), Cut(Word(sheet, change)?.Word.Reason ?? "no reason given"), Signed(Word(sheet, change))),
            OrderEvent.DisputeClosed => Told(Tone.Calm("dispute closed"), By(change)),
            OrderEvent.MoneyReturned => Told(Tone.Calm("refunded"), By(change)),
            OrderEvent.RedeliveredByPush => Told(Tone.Busy("push again"), $"{to}, {By(change)}"),
            OrderEvent.RedeliveredForPickup => Told(Tone.Busy("offered again"), $"for pickup, {By(change)}"),
            OrderEvent.QuoteExpired => Told(Tone.Calm("quote ended"), "nobody paid in time"),
            OrderEvent.RetentionOver => Told(Tone.Calm("content removed"), "its retention is over; hashes and signatures stay"),
            OrderEvent.NoticeSent => Told(Tone.Calm("client told"), "that the result waits"),
            _ => Told(Tone.Calm(JobFace.Word(change.Event)), By(change)),
        };

        TimelineStep Told(Tone tone, string said, params IReadOnlyList<(string, string)> proofs) => new(change.At, tone, said.Trim(), proofs);
    }

    /// <summary>What failed while it was worked, and who had it tried again; that it was begun and ended stands in the order's own changes.</summary>
    private static IEnumerable<TimelineStep> Work(OrderSheet sheet) => sheet.WorkEvents
        .Where(entry => entry.Kind is JobEventBodies.AttemptFailed or JobEventBodies.Dead or JobEventBodies.Retried)
        .Select(entry => (entry.At, Line: EventWords.Of(entry)))
        .Select(entry => new TimelineStep(entry.At, entry.Line.Tone, entry.Line.Details, []));

    /// <summary>What is due, if nobody does anything.</summary>
    private static IEnumerable<TimelineStep> Next(OrderSheet sheet)
    {
        if (sheet.Order.State is OrderState.Quoted) { yield return new(sheet.Order.PayUntil, Tone.Calm("quote ends"), "unless it is paid", []); }
        if (Due(sheet.Work) is { } work) { yield return new(work, Tone.Calm("next try"), "of the work", []); }
        if (sheet.Order.Push == PushState.Scheduled && OrderFace.IsAwaited(sheet.Order) && Due(sheet.Push) is { } push) { yield return new(push, Tone.Calm("next push"), "to " + OrderFace.Host(sheet.Order), []); }
        if (sheet is { Order.KeepUntil: { } until, Result.Content: not null } && OrderFace.IsRemovable(sheet.Order)) { yield return new(until, Tone.Calm("content ends"), "kept until then at least", []); }
    }

    private static DateTimeOffset? Due(JobRecord? job) => job is { State: JobState.Pending } ? JobFace.NextTry(job) : null;

    private static (string, string)[] Payment(OrderSheet sheet)
    {
        if (sheet.Story.Payment is not { } payment) { return []; }

        var block = payment.BlockNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $"{number}, at {payment.BlockTime}") : "";
        return
        [
            ("Payer", sheet.Order.Client.ToString()), ("Transaction", payment.TxHash), ("Network", payment.Network), ("Block", block),
            ("Proof's signature", payment.Signature ?? ""),
        ];
    }

    private static (string, string)[] Result(OrderSheet sheet) => sheet.Result is not { } result ? [] :
    [
        ("Hash", result.Hash.Wire), ("Size", result.Content is { } content ? Bits.Number(content.Length) + " bytes" : ""), ("Kind", result.Format is { } format ? $"{result.Type}, {format}" : result.Type),
        ("Delivery", result.DeliveryId), ("Our signature", result.Signature),
    ];

    private static (string, string)[] Signed(ClientWord? word) => word is null ? [] : [("Form", word.Word.Form), ("Signed text", word.Word.SignedMessage), ("Client's signature", word.Word.Signature)];

    /// <summary>The row that was written with the change.</summary>
    private static ClientWord? Word(OrderSheet sheet, OrderChange change) =>
        sheet.Story.Words.LastOrDefault(word => word.At == change.At && word.IsDispute == change.Event is OrderEvent.DisputeSigned);

    private static string Rating(int? stars) => stars is { } given ? string.Create(CultureInfo.InvariantCulture, $"{given} of 5") : "without a rating";

    private static string By(OrderChange change) => "by the " + JobFace.Word(change.Actor);

    private static string Cut(string text) => text.Length > MaxReason ? text[..MaxReason] + "…" : text;
}
