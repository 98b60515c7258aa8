using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Client;
using Posthouse.Jobs;

namespace Posthouse.Cli.Output;

/// <summary>Follows a purchase in the foreground: a line for each thing that happened, and on a terminal a sign that it goes on.</summary>
internal sealed class PurchaseProgress(OrderSite site, DateTimeOffset until)
{
    private Purchase? _told;
    private string? _failure;
    private ReadyNotice? _notice;
    private bool _isPatienceTold;

    /// <summary>Runs the pocket's queue until the purchase is through; Ctrl+C and the deadline leave it queued.</summary>
    /// <exception cref="PosthouseException">Why it stopped, or STILL_WAITING.</exception>
    public static async Task<Purchase> FollowAsync(OrderSite site, Purchase purchase, TimeSpan patience, CancellationToken cancellationToken, bool onChain = false)
    {
        // Who signs about a result knows how it came here.
        var progress = new PurchaseProgress(site, site.Time.GetUtcNow() + patience) { _told = purchase.Step is PurchaseStep.Confirm or PurchaseStep.Dispute ? purchase : null };
        await site.Pocket.StartAsync();
        using var limit = new CancellationTokenSource(patience, site.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var end = site.Terminal.IsInteractive && !site.Json
                ? await PurchaseSpinner.RunAsync(site, show => WaitAsync(show))
                : await WaitAsync(null);
            return end.FailureCode is { } code ? throw new PosthouseException(code, end.Failure ?? code) : end;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new PosthouseException(ClientErrors.StillWaiting, await StaysAsync());
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Who ends it with Ctrl+C may just have paid.
            site.Warn(await StaysAsync());
            throw;
        }

        async Task<string> StaysAsync()
        {
            var now = await site.Client.Book.FindAsync(purchase.Id);
            return $"The order is {now.Status} and stays queued. Go on with: posthouse order resume {now.Name}";
        }

        Task<Purchase> WaitAsync(Action<string>? show) => onChain
            ? site.Client.FollowOnChainAsync(purchase.Id, (now, failure) => progress.Tell(now, failure, show), progress.Tell, both.Token)
            : site.Client.FollowAsync(purchase.Id, (now, failure) => progress.Tell(now, failure, show), both.Token);
    }

    /// <summary>What a verb says at the end of a purchase that has its result.</summary>
    /// <exception cref="PosthouseException">It has none; see <see cref="PurchaseEnd"/>.</exception>
    public static void Delivered(OrderSite site, Purchase purchase)
    {
        PurchaseEnd.WithResult(purchase);
        site.Say($"{site.Terminal.DoneMark} Delivered, hash and signature are right: {purchase.ContentHash}");
        site.Say(PurchaseText.Content(purchase));
        site.Write(json => PurchaseText.WriteWhole(json, purchase));
    }

    private void Tell(Purchase now, Failure? failure, Action<string>? show)
    {
        var before = _told;
        _told = now;
        if (now.OrderId is not null && before?.OrderId is null) { site.Say($"Order {now.OrderId}: {now.Price} USDC"); }
        if (now.TransactionHash is not null && before?.TransactionHash is null) { site.Say($"Paid by {now.TransactionHash}"); }
        if (now.ProvedAt is not null && before?.ProvedAt is null) { site.Say("Proved."); }
        if (now.Status != before?.Status && now.OrderId is not null && now.Status is not "quoted") { site.Say($"  {now.Status}"); }
        if (failure?.Message != _failure && failure is not null && now.FailureCode is null) { TellAgain(failure); }
        _failure = failure?.Message;
        show?.Invoke(Doing(now));
    }

    private void TellAgain(Failure failure)
    {
        site.Say($"  Will be tried again: {failure.Message}");
        if (!_isPatienceTold) { site.Say($"  This waits until {Ages.Utc(until)} (--deadline); Ctrl+C ends it sooner, and the order stays queued"); }
        _isPatienceTold = true;
    }

    private void Tell(ReadyNotice notice)
    {
        if (_notice == notice) { return; }
        _notice = notice;
        site.Say(string.Create(CultureInfo.InvariantCulture, $"The chain says that it is ready: block {notice.BlockNumber}, {notice.TransactionHash}"));
    }

    private static string Doing(Purchase purchase) => purchase.Step switch
    {
        PurchaseStep.Quote => "Asking for a price",
        PurchaseStep.Pay or PurchaseStep.Send => "Paying",
        PurchaseStep.Prove => "Proving the payment",
        PurchaseStep.Wait => $"Waiting for the result ({purchase.Status})",
        PurchaseStep.Fetch => "Collecting the result",
        _ => "Signing",
    };
}
