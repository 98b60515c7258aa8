using Microsoft.Extensions.Logging;
using Posthouse.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Dispatch;

/// <summary>
/// Writes outcomes. A handler that has answered is never run again because the store was busy: its answer is kept and
/// written again until the store takes it or says that the lease is another's.
/// </summary>
internal sealed class Settler(IJobStore store, TimeProvider time, ILogger logger, Action<Mail> post)
{
    /// <summary>Between two tries to write an outcome; the store itself has waited before it refuses.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task SettleAsync(Run run, Settlement settlement)
    {
        var ours = false;
        for (var settled = false; !settled;)
        {
            try
            {
                ours = await store.SettleAsync(run.Job.Lease, settlement);
                settled = true;
            }
            catch (PosthouseException e) when (e.IsTransient && settlement.Write is null or { Target: not null } && IsStores(e))
            {
                logger.SettleFailed(e, run.Job.Lease.Id);
                await Task.Delay(Pause, time);
            }
            catch (Exception e) when (settlement.Write is not null)
            {
                // The handler's own write failed: a bug of the handler, counted like any other failure of its try.
                logger.SettleFailed(e, run.Job.Lease.Id);
                settlement = new Settlement(SettlementKind.Again) { Counted = true, Delay = Pause, Failure = new Failure(FailureKind.Transient, e.Message) };
            }
        }

        post(new Mail.Settled(run, ours));
    }

    private static bool IsStores(PosthouseException e) =>
        e.Code is ErrorCodes.StoreBusy or ErrorCodes.StoreFull or ErrorCodes.Unknown or ErrorCodes.StoreUnavailable;
}
