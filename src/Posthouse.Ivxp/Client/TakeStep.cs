using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <summary>The next step of a purchase is to be taken. One lane for each purchase, so that its steps never overlap.</summary>
/// <param name="Purchase">The purchase's own id.</param>
/// <param name="Step">The step; it is stored with the purchase too, and where the two differ the job is out of date.</param>
/// <param name="Host">The provider's host and port: one provider that is away holds up no other.</param>
[Job(IvxpClient.JobName, IdPrefix = "step", Lane = "purchase/{Purchase}", Destination = "{Host}", DeduplicationKey = "{Purchase}/{Step}")]
internal sealed record TakeStep(string Purchase, PurchaseStep Step, string Host) : IJob<Nothing>
{
    /// <summary>A result is rarely there in the first moment, and who is pushed to need not ask at all.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);

    public Nothing OptimisticResult(OptimisticContext context) => default;

    /// <summary>Writes a purchase with the job that takes its next step, if somebody is to take it.</summary>
    public static Purchase Enter(IWrite write, Purchase purchase)
    {
        var waitsForPerson = purchase.Step is PurchaseStep.Through || (purchase.Step is PurchaseStep.Pay && (purchase.Wants & Client.Purchase.WantsPayment) == 0);
        var job = waitsForPerson ? default(JobId?) : write.Enqueue(
            new TakeStep(purchase.Id, purchase.Step, purchase.Url.Authority),
            new EnqueueOptions { NotBefore = purchase.Step is PurchaseStep.Wait ? write.Now + FirstLook : null });
        return purchase with { JobId = job?.Value, FailureCode = null, Failure = null };
    }
}

/// <summary>The moments of a purchase at which dying matters; see <see cref="CrashPoint"/>.</summary>
internal enum PurchaseCrashAt
{
    /// <summary>The provider has quoted, and nothing of it is stored.</summary>
    Quoted = 101,

    /// <summary>A transaction is signed, and nothing of it is stored.</summary>
    Signed = 102,

    /// <summary>It is stored that money is about to be sent, and none was.</summary>
    AboutToSend = 103,

    /// <summary>Money was sent, and that is not stored.</summary>
    Sent = 104,

    /// <summary>The provider took the proof, and that is not stored.</summary>
    Proved = 105,

    /// <summary>The provider said that there is a result, and that is not stored.</summary>
    Seen = 106,

    /// <summary>The result was fetched and checked, and is not stored.</summary>
    Fetched = 107,

    /// <summary>The provider took the receipt, and that is not stored.</summary>
    Confirmed = 108,
}
