using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <content>Looking and waiting.</content>
public sealed partial class IvxpClient
{
    // A reason is a sentence or some, and the provider refuses more.
    private const int MaxReasonLength = 1_000;

    // RFC 5321, section 4.5.3.1.3, as the provider checks it.
    private const int MaxEmailLength = IvxpProtocol.Limits.EmailLength;

    /// <summary>A client that speaks to a provider, with what is known about it.</summary>
    /// <param name="provider">The provider's address.</param>
    public Task<ProviderClient> OpenAsync(Uri provider) => _steps.OpenAsync(provider);

    /// <summary>Waits until a purchase is through, has stopped, or stands at a step where a person decides.</summary>
    /// <param name="id">The purchase's own id.</param>
    /// <param name="changed">Told how it stands, at the beginning and after each change; the failure is the one of the last try that will be repeated.</param>
    /// <param name="cancellationToken">Ends the waiting; the purchase goes on.</param>
    public async Task<Purchase> FollowAsync(string id, Action<Purchase, Failure?> changed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changed);
        (Purchase, Failure?)? told = null;
        while (true)
        {
            var position = await _jobs.LastPositionAsync();
            var purchase = await Book.GetAsync(id) ?? throw new PosthouseException(ClientErrors.PurchaseNotFound, $"There is no purchase {id}.");
            var job = purchase.JobId is null ? null : await _jobs.GetAsync(JobId.Parse(purchase.JobId));
            if (told != (purchase, job?.Failure))
                changed(purchase, job?.Failure);
            told = (purchase, job?.Failure);
            if (purchase.Step is PurchaseStep.Through || purchase.FailureCode is not null || purchase.JobId is null || job is null or { State: JobState.Dead })
                return purchase;
            await _jobs.ChangedAsync(position, cancellationToken);
        }
    }

    /// <summary>The provider's word on a purchase at this moment, remembered.</summary>
    /// <param name="id">The purchase.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <exception cref="PosthouseException">PURCHASE_NOT_FOUND, PURCHASE_STATE: there is no order yet; or what <see cref="ProviderClient.StatusAsync"/> throws.</exception>
    public async Task<(Purchase Purchase, OrderStatus Status)> StatusAsync(string id, CancellationToken cancellationToken = default)
    {
        var purchase = await Book.FindAsync(id);
        if (purchase.OrderId is null)
            throw new PosthouseException(ClientErrors.PurchaseState, "The provider has not quoted yet, so there is no order to ask about.");
        var client = await _steps.OpenAsync(purchase.Url);
        var status = await client.StatusAsync(purchase.OrderId, cancellationToken);
        return (await Book.ChangeAsync(purchase.Id, (now, _) => now with { Status = status.StatusV11 ?? status.Status }), status);
    }

    /// <summary>Collects a result now, checks it and keeps it; answers what is here already.</summary>
    /// <param name="id">The purchase.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <exception cref="PosthouseException">PURCHASE_NOT_FOUND, PURCHASE_STATE; or what <see cref="ProviderClient.DownloadAsync"/> throws.</exception>
    public async Task<Purchase> DownloadAsync(string id, CancellationToken cancellationToken = default)
    {
        var purchase = await Book.FindAsync(id);
        if (purchase.Content is not null)
            return purchase;
        if (purchase is not { OrderId: { } order, Provider: { } seller })
            throw new PosthouseException(ClientErrors.PurchaseState, "The provider has not quoted yet, so there is nothing to download.");
        var client = await _steps.OpenAsync(purchase.Url);
        var delivery = await client.CollectAsync(order, seller, _options.Wallet(), cancellationToken);
        return await Book.ChangeAsync(purchase.Id, (now, write) => PurchaseSteps.Kept(write, now, delivery.Message, null));
    }

    /// <summary>Has a purchase that waits for its provider to come back tried at once.</summary>
    private Task<CommandAnswer> HurryAsync(Purchase purchase) => _jobs.DecideAsync(new JobCommand.Reached(KeyText.Of($"{purchase.Url.Authority}")));

    private static string Normal(string transaction) => TransactionHash.TryNormalize(transaction, out var hash) ? hash : throw new PosthouseException(
        ErrorCodes.OptionsInvalid, $"'{transaction}' is no transaction: write 0x and 64 hexadecimal digits.");

    private static void CheckRating(int? rating)
    {
        if (rating is < 1 or > 5)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "A rating is a whole number from 1 to 5.");
    }

    private static void Check(PurchaseRequest request)
    {
        CheckRating(request.Rating);
        if (request.Budget == UsdcAmount.Zero)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "A budget is above 0.");
        if (!IsHttp(request.Provider))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{request.Provider}' is no address of a provider: give one such as https://provider.example.");
        if (request.Endpoint is { } endpoint && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && IsHttp(uri)))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{endpoint}' is no address to push to: give one such as https://agent.example/inbox.");
        if (request.Email is { } email && (email.Length > MaxEmailLength || !email.Contains('@', StringComparison.Ordinal)))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{email}' is no e-mail address.");
    }

    private static bool IsHttp(Uri uri) => uri.IsAbsoluteUri && uri.Scheme is "http" or "https";
}
