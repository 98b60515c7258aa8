using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Expiry;

/// <summary>
/// Removes contents whose retention is over; order, hashes, signatures and history stay. Two clocks must agree: the date that
/// the client was told has come, and the provider has run for the whole retention since the content was stored.
/// </summary>
internal sealed class Retention(OrderBook book, ResultFiles files, IvxpOptions options, TimeProvider time, IvxpLog log)
{
    // One look holds the job for less than a lease: a removal is two small writes.
    private const int Batch = 100;

    /// <summary>Removes what is due, some at a time.</summary>
    /// <param name="ran">The provider's running time.</param>
    /// <returns>Whether all that was found could be removed, and whether more may be due.</returns>
    public async Task<(bool IsClean, bool IsMoreDue)> RemoveAsync(TimeSpan ran)
    {
        var before = ran - options.Retention;
        var due = await book.ReadAsync(read => OrderRows.KeptTooLong(read, before, time.GetUtcNow(), Batch));
        var isClean = true;
        foreach (var id in due)
        {
            if (files.IsThere && await ArchivedAsync(id) && await book.WriteAsync(write => Remove(write, id, before)))
            {
                // Crash point: dying here leaves a file that nobody knows, of an order that is over.
                files.Remove(id);
                log.Logger.ContentRemoved(Log.Shown(id));
            }
            else
            {
                isClean = false;
            }
        }
        return (isClean, due.Count == Batch);
    }

    /// <summary>How long until the next content is due by both clocks.</summary>
    public TimeSpan Next(IRead read, TimeSpan ran) => OrderRows.FirstKept(read, ran - options.Retention, time.GetUtcNow()) is { } wait
        ? TimeSpan.FromMilliseconds(Math.Max(0, wait))
        : TimeSpan.MaxValue;

    private static bool Remove(IWrite write, string id, TimeSpan before)
    {
        // It may have been disputed or delivered again since it was found.
        if (OrderRows.Find(write, id) is not { KeptFrom: { } from, KeepUntil: { } until } order || from > before || until > write.Now)
            return false;
        var changed = OrderBook.Change(write, order, OrderEvent.RetentionOver, OrderActor.Clock,
            (next, _) => next with { KeptFrom = null, Push = next.Push == PushState.Scheduled ? PushState.Exhausted : next.Push }, order.ContentHash);
        if (changed is null)
            return false;
        write.Execute("UPDATE ivxp_deliverable SET content = NULL, file = NULL WHERE order_id = $1", id);
        return true;
    }

    private async Task<bool> ArchivedAsync(string id)
    {
        if (options.ArchiveDirectory is not { } folder)
            return true;
        try
        {
            if ((await book.FindWithDeliverableAsync(id)).Deliverable is not { Content: { } content } deliverable)
                return false;
            Durable.CreatePrivateDirectory(folder);
            // Crash point: dying after this line leaves a file and its row; the next look writes the same bytes again.
            Durable.WriteAllBytesAtomically(Path.Combine(folder, deliverable.Hash.Canonical), content);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PosthouseException { Code: ErrorCodes.FileDamaged })
        {
            // Also what cannot be read any more: it stays for its operator to see to, and the others' time goes on.
            log.Logger.ArchiveFailed(e, Log.Shown(id));
            return false;
        }
    }
}
