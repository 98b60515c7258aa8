using Microsoft.Extensions.Logging;

namespace Posthouse.Ivxp.Diagnostics;

/// <summary>
/// Every message of this package; its ids are 2000 to 2999 and are never used again for another meaning. Orders are named by
/// their beginning alone, because a whole id is the key to a download.
/// </summary>
internal static partial class Log
{
    private const int ShownLength = 13;

    /// <summary>As much of an order's id as a log may show.</summary>
    public static string Shown(string orderId) => orderId.Length > ShownLength ? orderId[..ShownLength] + "…" : orderId;

    [LoggerMessage(2000, LogLevel.Information, "Order {Order} was quoted: {Service} for {Price} USDC.")]
    public static partial void Quoted(this ILogger logger, string order, string service, string price);

    [LoggerMessage(2001, LogLevel.Information, "Order {Order} is paid by {Transaction}.")]
    public static partial void Paid(this ILogger logger, string order, string transaction);

    [LoggerMessage(2002, LogLevel.Warning, "The payment of order {Order} cannot be judged now ({Reason}); the claim is kept and looked at again.")]
    public static partial void ClaimKept(this ILogger logger, string order, string reason);

    [LoggerMessage(2003, LogLevel.Information, "The kept claim of order {Order} came to nothing: {Reason}.")]
    public static partial void ClaimDropped(this ILogger logger, string order, string reason);

    [LoggerMessage(2010, LogLevel.Information, "The work of order {Order} has begun, attempt {Attempt}.")]
    public static partial void WorkStarted(this ILogger logger, string order, int attempt);

    [LoggerMessage(2011, LogLevel.Information, "The result of order {Order} is made, {Bytes} bytes.")]
    public static partial void WorkDone(this ILogger logger, string order, int bytes);

    [LoggerMessage(2012, LogLevel.Warning, "The work of order {Order} failed: {Message}")]
    public static partial void WorkFailed(this ILogger logger, string order, string message);

    [LoggerMessage(2020, LogLevel.Information, "Delivery attempt {Attempt} of {Total} for order {Order}.")]
    public static partial void PushAttempt(this ILogger logger, int attempt, int total, string order);

    [LoggerMessage(2021, LogLevel.Information, "Order {Order} was delivered on attempt {Attempt}.")]
    public static partial void PushDelivered(this ILogger logger, string order, int attempt);

    [LoggerMessage(2022, LogLevel.Warning, "Delivery attempt {Attempt} for order {Order} failed: {Failure}.")]
    public static partial void PushFailed(this ILogger logger, int attempt, string order, string failure);

    [LoggerMessage(2023, LogLevel.Information, "The next delivery attempt for order {Order} follows in about {Seconds} s.")]
    public static partial void PushNext(this ILogger logger, string order, double seconds);

    [LoggerMessage(2024, LogLevel.Warning, "All {Total} delivery attempts for order {Order} failed; it waits for pickup and is tried daily.")]
    public static partial void PushAllFailed(this ILogger logger, int total, string order);

    [LoggerMessage(2025, LogLevel.Information, "The client of order {Order} is away; the result is ready for pickup.")]
    public static partial void ClientAway(this ILogger logger, string order);

    [LoggerMessage(2026, LogLevel.Information, "Order {Order} has no endpoint to push to; the result is ready for pickup.")]
    public static partial void NoEndpoint(this ILogger logger, string order);

    [LoggerMessage(2027, LogLevel.Information, "No further pushes for order {Order}: {Reason}.")]
    public static partial void PushEnded(this ILogger logger, string order, string reason);

    [LoggerMessage(2040, LogLevel.Information, "The client of order {Order} confirmed the delivery ({Form}).")]
    public static partial void Confirmed(this ILogger logger, string order, string form);

    [LoggerMessage(2041, LogLevel.Warning, "The client of order {Order} disputes the delivery, {Reason}. 'posthouse order resolve' settles it.")]
    public static partial void Disputed(this ILogger logger, string order, string reason);

    [LoggerMessage(2042, LogLevel.Information, "Order {Order} is delivered again; it is {State}.")]
    public static partial void Redelivered(this ILogger logger, string order, string state);

    [LoggerMessage(2043, LogLevel.Information, "The retention of order {Order} is over; its content is removed, its hash and proofs are kept.")]
    public static partial void ContentRemoved(this ILogger logger, string order);

    [LoggerMessage(2044, LogLevel.Error, "The content of order {Order} cannot be archived and stays where it is. Look at the archive's folder.")]
    public static partial void ArchiveFailed(this ILogger logger, Exception exception, string order);
    [LoggerMessage(2050, LogLevel.Debug, "The push of order {Order} waits {Seconds} s: enough goes to that host, or for that client.")]
    public static partial void PushHeldBack(this ILogger logger, string order, double seconds);

    [LoggerMessage(2051, LogLevel.Information, "The client of order {Order} was told by e-mail that the result waits.")]
    public static partial void MailSent(this ILogger logger, string order);

    [LoggerMessage(2052, LogLevel.Warning, "The e-mail about order {Order} was not taken: {Reason}")]
    public static partial void MailFailed(this ILogger logger, string order, string reason);

    [LoggerMessage(2053, LogLevel.Warning, "The notice {Event} of order {Order} was not taken: {Reason}")]
    public static partial void NoticeFailed(this ILogger logger, string @event, string order, string reason);
    [LoggerMessage(2060, LogLevel.Information, "The node is one of {Network}, as payments need it.")]
    public static partial void ChainIsRight(this ILogger logger, string network);

    [LoggerMessage(2061, LogLevel.Warning, "The node cannot be asked for its chain now ({Reason}); it is asked again before each payment is judged.")]
    public static partial void ChainAway(this ILogger logger, string reason);

    [LoggerMessage(2062, LogLevel.Error, "The node is one of another chain than {Network}; no payment is judged by it.")]
    public static partial void ChainIsWrong(this ILogger logger, string network);

    [LoggerMessage(2063, LogLevel.Information, "The notice that the result of order {Order} waits was given to the chain: {Transaction}.")]
    public static partial void AnnouncementSent(this ILogger logger, string order, string transaction);

    [LoggerMessage(2064, LogLevel.Warning, "The notice for order {Order} is stuck as {Stuck}; {Transaction} replaces it with higher fees.")]
    public static partial void AnnouncementRaised(this ILogger logger, string order, string stuck, string transaction);

    [LoggerMessage(2065, LogLevel.Warning, "The notice for order {Order} has to wait: {Reason}")]
    public static partial void AnnouncementHeld(this ILogger logger, string order, string reason);

    [LoggerMessage(2067, LogLevel.Warning, "The work on order {Order} has to wait: {Reason}")]
    public static partial void WorkPostponed(this ILogger logger, string order, string reason);

    [LoggerMessage(2066, LogLevel.Information, "The chain shows that the result of order {Order} waits: {Transaction}.")]
    public static partial void Announced(this ILogger logger, string order, string transaction);
}
