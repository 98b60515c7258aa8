using Posthouse.Connectivity;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Retry;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <summary>
/// Takes the steps of purchases. A step asks the provider, and its answer, the purchase's next step and the job that takes it are
/// one commit with the end of this step's job: dying anywhere repeats one step, and each step can be repeated.
/// </summary>
internal sealed partial class PurchaseSteps(PurchaseBook book, ClientExchange way, IvxpClientOptions options, TimeProvider time, ISecp256k1 curve)
{
    /// <summary>The plan of every step: a provider that answers with errors is tried for hours, one that is away for a month.</summary>
    public static Backoff Plan { get; } = new() { MaxAttempts = 15 };

    // A chain that cannot be read says nothing about the payment: it is asked again, uncounted.
    private static readonly TimeSpan ChainAgainAfter = TimeSpan.FromSeconds(15);

    /// <summary>The node of the chain, or null if none is configured.</summary>
    public EthereumRpc? Node => options.RpcUrl is { } node ? new EthereumRpc(way.Exchange, node, options.RpcTimeout) : null;

    public async Task<Outcome<Nothing>> TakeAsync(TakeStep job, JobContext context, CancellationToken cancellationToken)
    {
        var purchase = await book.GetAsync(job.Purchase);
        if (purchase is null || purchase.Step != job.Step)
            return Outcome.Done(default(Nothing));
        var provider = await OpenAsync(purchase.Url);
        try
        {
            return job.Step switch
            {
                PurchaseStep.Quote => await QuoteAsync(provider, purchase, cancellationToken),
                PurchaseStep.Pay => await PayAsync(provider, purchase, cancellationToken),
                PurchaseStep.Send => await SendAsync(provider, purchase),
                PurchaseStep.Prove => await ProveAsync(provider, purchase, context, cancellationToken),
                PurchaseStep.Wait => await WaitAsync(provider, purchase, context, cancellationToken),
                PurchaseStep.Fetch => await FetchAsync(provider, purchase, cancellationToken),
                PurchaseStep.Confirm or PurchaseStep.Dispute => await SignAsync(provider, purchase, cancellationToken),
                _ => Outcome.Done(default(Nothing)),
            };
        }
        catch (PosthouseException e)
        {
            return Judge(purchase, e);
        }
    }

    /// <summary>A client for a provider, with what is known about it.</summary>
    public async Task<ProviderClient> OpenAsync(Uri url)
    {
        var dialect = await book.ReadAsync(read => ProviderRows.Dialect(read, url));
        return new ProviderClient(way.Exchange, url, time, curve) { Dialect = dialect };
    }

    private static Outcome<Nothing> Judge(Purchase purchase, PosthouseException e) => e switch
    {
        { Code: ClientErrors.ProviderUnreachable, InnerException: { } cause } => Again(purchase, e, FailureClassifier.Instance.Classify(cause)),
        ProviderRefusedException { Failure.Kind: FailureKind.Transient or FailureKind.Throttled } refused => Again(purchase, e, refused.Failure),
        { Code: ClientErrors.AnswerInvalid } => Again(purchase, e, new Failure(FailureKind.Transient, e.Message)),
        { Code: Chain.ChainErrors.ChainUnavailable or Chain.ChainErrors.FeeAboveCap } =>
            Again(purchase, e, new Failure(FailureKind.Throttled, e.Message) { RetryAfter = ChainAgainAfter }),
        _ => Stop(purchase, e.Code, e.Message),
    };

    private static Outcome<Nothing> Again(Purchase purchase, PosthouseException e, Failure failure) =>
        Outcome.Retry(failure with { Message = e.Message }, whenPoisoned: write => PurchaseRows.Change(write, purchase.Id, now => Failed(now, e.Code, e.Message)));

    /// <summary>Goes no further by itself; a person decides.</summary>
    private static Outcome<Nothing> Stop(Purchase purchase, string code, string message)
    {
        // A refused question is answered: nothing moved, and there is nothing that anybody could decide about the job.
        return purchase.Step is PurchaseStep.Quote ? Outcome.Done(default(Nothing), Fail) : Outcome.Dead(message, write: Fail);

        void Fail(IWrite write) => PurchaseRows.Change(write, purchase.Id, now => Failed(now, code, message));
    }

    private static Purchase Failed(Purchase purchase, string code, string message) => purchase with { FailureCode = code, Failure = message };

    /// <summary>Ends this step. Whoever was quicker, a push for example, has the last word.</summary>
    private static Outcome<Nothing> GoOn(ProviderClient provider, Purchase purchase, Func<Purchase, IWrite, Purchase> edit) =>
        Outcome.Done(default(Nothing), write =>
        {
            PurchaseRows.Change(write, purchase.Id, now => now.Step == purchase.Step ? TakeStep.Enter(write, edit(now, write)) : now);
            ProviderRows.Learn(write, provider);
        });

    private Wallet WalletOf(Purchase purchase) => options.Wallet() is { } wallet && wallet.Address == purchase.Client ? wallet : throw new PosthouseException(
        ErrorCodes.OptionsInvalid, $"This order was begun by the account {purchase.Client}, which is not the present wallet's. Put its key file back and resume the order.");
}

/// <summary>The buyer's way out to providers and to the node.</summary>
internal sealed record ClientExchange(IExchange Exchange);
