using Microsoft.Extensions.Logging;
using Posthouse.Diagnostics;
using Posthouse.Storage;

namespace Posthouse.Dispatch;

/// <summary>
/// Writes outcomes. A handler that has answered is never run again because the store was busy: its answer is kept and
/// written again until the store takes it or says that the lease is another's.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="whenWriteFails">What the retry plan makes of a try whose handler's own write failed; it has no write itself.</param>
/// <param name="time">The clock of the pauses.</param>
/// <param name="logger">Hears of what could not be written.</param>
/// <param name="post">The dispatcher's mail.</param>
internal sealed class Settler(IJobStore store, Func<Run, Exception, Settlement> whenWriteFails, TimeProvider time, ILogger logger, Action<Mail> post)
{
    /// <summary>Between two tries to write an outcome; the store itself has waited before it refuses.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private volatile bool _hasLeft;

    /// <summary>The process has left the store, and its leases were given back: what cannot be written now never can.</summary>
    public void Leave() => _hasLeft = true;

    public async Task SettleAsync(Run run, Settlement settlement)
    {
        while (true)
        {
            try
            {
                post(new Mail.Settled(run, await store.SettleAsync(run.Job.Lease, settlement)));
                return;
            }
            catch (Exception) when (_hasLeft)
            {
                logger.LeaseLost(run.Job.Lease.Id);
                return;
            }
            catch (Exception e) when (settlement.Write is not null && !IsStores(e))
            {
                // A bug of the handler, or no room for what it wants to store: a failure of its try, so that it ends.
                logger.HandlersWriteFailed(e, run.Job.Lease.Id);
                settlement = whenWriteFails(run, e);
            }
            catch (Exception e)
            {
                // Whatever it is, the run must not be forgotten: its lease would be renewed for ever.
                logger.SettleFailed(e, run.Job.Lease.Id);
                await Task.Delay(Pause, time);
            }
        }
    }

    /// <summary>Errors of the store itself, which say nothing about the handler's write.</summary>
    private static bool IsStores(Exception e) =>
        e is PosthouseException { Code: ErrorCodes.StoreBusy or ErrorCodes.StoreFull or ErrorCodes.Unknown or ErrorCodes.StoreUnavailable };
}
