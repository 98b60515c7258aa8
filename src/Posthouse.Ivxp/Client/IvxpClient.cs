using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <summary>
/// Buys from providers of IVXP. Every step is a job that is on disk before it is done, so that a crash, or a week without a network,
/// goes on at the right one; money is never sent twice. What is called here returns as soon as the decision is on disk;
/// <see cref="FollowAsync"/> waits for what becomes of it. Made by <c>AddIvxpClient</c>.
/// </summary>
public sealed partial class IvxpClient
{
    /// <summary>The stored name of the job that takes a purchase's steps.</summary>
    public const string JobName = "ivxp.purchase";

    private readonly IJobStore _jobs;
    private readonly PurchaseSteps _steps;
    private readonly IvxpClientOptions _options;
    private readonly TimeProvider _time;
    private readonly IIds _ids;

    internal IvxpClient(PurchaseBook book, IJobStore jobs, PurchaseSteps steps, IvxpClientOptions options, TimeProvider time, IIds ids)
    {
        (Book, _jobs, _steps, _options, _time, _ids) = (book, jobs, steps, options, time, ids);
    }

    /// <summary>What was bought from here.</summary>
    public PurchaseBook Book { get; }

    /// <summary>Begins a purchase. The provider need not be there.</summary>
    /// <param name="request">What is to be bought.</param>
    /// <returns>The purchase, which goes on by itself while a process dispatches the store.</returns>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the request cannot be used. ALLOWANCE_SPENT. What the store says.</exception>
    public Task<Purchase> BuyAsync(PurchaseRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        var purchase = new Purchase
        {
            Id = JobId.New("purchase", _time, _ids).Value,
            Step = PurchaseStep.Quote,
            Url = request.Provider,
            ServiceType = request.ServiceType,
            Description = request.Description,
            Budget = request.Budget,
            Client = _options.Wallet().Address,
            BegunAt = _time.GetUtcNow(),
            Endpoint = request.Endpoint,
            Email = request.Email,
            Account = request.Account,
            TransactionHash = request.TransactionHash is null ? null : Normal(request.TransactionHash),
            Rating = request.Rating,
            Wants = (request.Pays ? Purchase.WantsPayment : 0) | (request.Confirms ? Purchase.WantsReceipt : 0),
        };
        return Book.WriteAsync(write =>
        {
            if (request is { Account: { } account, Allowance: { } most } && PurchaseRows.Spent(write, account) + request.Budget > most)
            {
                throw new PosthouseException(ClientErrors.AllowanceSpent,
                    $"{PurchaseRows.Spent(write, account)} of {most} USDC are spent or promised; another {request.Budget} would be too much.");
            }
            var entered = TakeStep.Enter(write, purchase);
            PurchaseRows.Save(write, entered);
            return entered;
        });
    }

    /// <summary>
    /// Goes on with a purchase that stopped, with one that was only quoted, or at once with one that waits for its next try.
    /// </summary>
    /// <param name="id">The purchase: its order's id, its own, or the beginning of either.</param>
    /// <param name="transaction">What paid it, where it was paid elsewhere; null: as it stands.</param>
    /// <exception cref="PosthouseException">PURCHASE_NOT_FOUND, OPTIONS_INVALID (no transaction), PAID_OTHERWISE, PURCHASE_STATE.</exception>
    public async Task<Purchase> ResumeAsync(string id, string? transaction = null)
    {
        var purchase = await Book.FindAsync(id);
        var hash = transaction is null ? null : Normal(transaction);
        if (hash is not null && purchase.TransactionHash is { } standing && standing != hash && purchase is { ProvedAt: not null } or { RawTransaction: not null })
            throw new PosthouseException(ClientErrors.PaidOtherwise, $"The order is paid by {purchase.TransactionHash}. Resume it without another transaction.");
        if (hash is not null && purchase.OrderId is null)
            throw new PosthouseException(ClientErrors.PurchaseState, "There is no quote yet that a transaction could have paid. Resume it without one.");
        var job = purchase.JobId is null ? null : await _jobs.GetAsync(JobId.Parse(purchase.JobId));
        var isOpen = job is { State: JobState.Pending or JobState.Running };
        if (purchase.Step is PurchaseStep.Through || (isOpen && hash is null))
        {
            await HurryAsync(purchase);
            return purchase;
        }
        // The lane opens only when what died in it is decided.
        if (job is { State: JobState.Dead, Reason: { } reason } && JobLaw.NeedsDecision(reason))
            await _jobs.DecideAsync(new JobCommand.Discard(job.Id));
        else if (isOpen && await _jobs.DecideAsync(new JobCommand.Cancel(job!.Id)) is { Cancel: CancelAnswer.RequestedWhileRunning })
            throw new PosthouseException(ClientErrors.PurchaseState, "A step of this order is being taken just now. Try again in a moment.");
        return await Book.ChangeAsync(purchase.Id, (now, write) => TakeStep.Enter(write, hash is null ? now with { Wants = now.Wants | Purchase.WantsPayment } : now with
        {
            Wants = now.Wants | Purchase.WantsPayment,
            TransactionHash = hash,
            Step = now.Step < PurchaseStep.Prove ? PurchaseStep.Prove : now.Step,
        }));
    }

    /// <summary>Takes up an order that this store does not know, from its id and the transaction that paid it.</summary>
    /// <param name="provider">The provider's address.</param>
    /// <param name="orderId">The whole id of the order.</param>
    /// <param name="transaction">What paid it.</param>
    /// <param name="network">Where it was paid.</param>
    /// <param name="cancellationToken">Ends the questions to the provider.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID; or what <see cref="ProviderClient"/> throws.</exception>
    public async Task<Purchase> AdoptAsync(Uri provider, string orderId, string transaction, UsdcNetwork network, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!OrderId.IsValid(orderId))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{orderId}' is no order's id. To take up an order that is not known here, give all of it.");
        var hash = Normal(transaction);
        var client = await _steps.OpenAsync(provider);
        var status = await client.StatusAsync(orderId, cancellationToken);
        var seller = EthereumAddress.Parse((await client.CatalogAsync(cancellationToken)).WalletAddress);
        var now = _time.GetUtcNow();
        var purchase = new Purchase
        {
            Id = JobId.New("purchase", _time, _ids).Value,
            Step = PurchaseStep.Prove,
            Url = provider,
            ServiceType = status.ServiceType,
            Description = "",
            Budget = status.PriceUsdc,
            Client = _options.Wallet().Address,
            BegunAt = now,
            Provider = seller,
            OrderId = orderId,
            Protocol = IvxpProtocol.Version10,
            Price = status.PriceUsdc,
            Network = network.Id,
            TransactionHash = hash,
            Status = status.StatusV11 ?? status.Status,
            Wants = Purchase.WantsPayment,
        };
        return await Book.WriteAsync(write =>
        {
            var entered = TakeStep.Enter(write, purchase);
            PurchaseRows.Save(write, entered);
            return entered;
        });
    }

    /// <summary>Signs that the result came, with or without a rating. The first receipt counts and is kept; it ends the right to dispute.</summary>
    /// <param name="id">The purchase.</param>
    /// <param name="rating">1 to 5, or null.</param>
    /// <exception cref="PosthouseException">
    /// PURCHASE_NOT_FOUND, OPTIONS_INVALID, PURCHASE_STATE: there is no result to confirm, or it is confirmed with another rating.
    /// </exception>
    public Task<Purchase> ConfirmAsync(string id, int? rating = null)
    {
        CheckRating(rating);
        return SignAsync(id, purchase => purchase switch
        {
            // A second receipt would stand here beside the first one there, and this side could no longer prove what it signed.
            { ConfirmedAt: not null } when rating is null || rating == purchase.Rating => purchase,
            { ConfirmedAt: not null } => throw new PosthouseException(ClientErrors.PurchaseState,
                $"The order is confirmed {(purchase.Rating is { } given ? $"with the rating {given}" : "without a rating")}, and the first receipt counts: posthouse order receipt {purchase.Name}"),
            { Content: null } => throw new PosthouseException(ClientErrors.PurchaseState, "Only a result that is here and was checked can be confirmed: posthouse order download ID"),
            _ => purchase with { Step = PurchaseStep.Confirm, Rating = rating },
        });
    }

    /// <summary>Signs that the result did not come, or not as ordered.</summary>
    /// <param name="id">The purchase.</param>
    /// <param name="reason">Why, at most 1,000 characters.</param>
    /// <exception cref="PosthouseException">PURCHASE_NOT_FOUND, OPTIONS_INVALID, PURCHASE_STATE: it was never proved, or is confirmed.</exception>
    public Task<Purchase> DisputeAsync(string id, string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (reason.Length is 0 or > MaxReasonLength)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"A reason has 1 to {MaxReasonLength} characters.");
        return SignAsync(id, purchase => purchase switch
        {
            { ProvedAt: null } => throw new PosthouseException(ClientErrors.PurchaseState, "An order that was never paid cannot be disputed."),
            { ConfirmedAt: not null } => throw new PosthouseException(ClientErrors.PurchaseState, "The order is confirmed, which ends the right to dispute it."),
            _ => purchase with { Step = PurchaseStep.Dispute, Reason = reason },
        });
    }

    /// <summary>What all purchases of an account cost, or may yet cost; those that failed before money moved cost nothing.</summary>
    /// <param name="account">The name given in <see cref="PurchaseRequest.Account"/>.</param>
    public Task<UsdcAmount> SpentAsync(string account) => Book.ReadAsync(read => PurchaseRows.Spent(read, account));

    private async Task<Purchase> SignAsync(string id, Func<Purchase, Purchase> sign)
    {
        var found = await Book.FindAsync(id);
        _ = sign(found);
        if (found.JobId is { } open && await _jobs.GetAsync(JobId.Parse(open)) is { } job)
        {
            if (job is { State: JobState.Dead, Reason: { } reason } && JobLaw.NeedsDecision(reason))
                await _jobs.DecideAsync(new JobCommand.Discard(job.Id));
            else if (job.State is JobState.Pending)
                await _jobs.DecideAsync(new JobCommand.Cancel(job.Id));
        }
        return await Book.ChangeAsync(found.Id, (now, write) => TakeStep.Enter(write, sign(now)));
    }
}
