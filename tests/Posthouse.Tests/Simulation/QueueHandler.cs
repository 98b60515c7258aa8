using Posthouse.Jobs;
using Posthouse.Retry;
using Posthouse.Storage;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>The handler of all simulated jobs on one node: says that it began, does what the job's mood says, and says what it answered.</summary>
internal sealed class QueueHandler(QueueWorld world, SimNode node) : IJobHandler<SimJob, int>
{
    /// <summary>The room in which jobs of the mood <see cref="Mood.Writes"/> leave their mark.</summary>
    public const string Room = "sim";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public async Task<Outcome<int>> HandleAsync(SimJob job, JobContext context, CancellationToken cancellationToken)
    {
        world.Audit.Started(node, context.Id, context.Fence);
        if (job.Mood is Mood.Crashes)
            await node.DieAsync(world.Absence());
        try
        {
            var outcome = await TryAsync(job, context, cancellationToken);
            world.Audit.Answered(node, context.Id, context.Fence, outcome.Inner.Kind);
            return outcome;
        }
        catch (Exception e)
        {
            node.Sim.Mark($"{context.Id} fails with {e.GetType().Name}");
            world.Audit.Answered(node, context.Id, context.Fence, OutcomeKind.Retry);
            throw;
        }
    }

    private async Task<Outcome<int>> TryAsync(SimJob job, JobContext context, CancellationToken cancellationToken)
    {
        if (job.Mood is Mood.Snoozes && context.Fence == 1)
            return Outcome.Snooze(world.Sim.Between(TimeSpan.Zero, QueueJobs.Cap));
        if (job.Mood is Mood.Slow or Mood.Stubborn)
        {
            var length = world.Sim.Between(QueueWorld.Dispatch.Lease / 2, QueueWorld.Dispatch.Lease * 2);
            await Task.Delay(length, node.Time, job.Mood is Mood.Slow ? cancellationToken : CancellationToken.None);
        }

        var (status, retryAfter) = await CallAsync(job, context, cancellationToken);
        if (world.Bug.HandlerTriesTwice && status != 200)
        {
            world.Audit.Started(node, context.Id, context.Fence);
            (status, retryAfter) = await CallAsync(job, context, cancellationToken);
        }

        return status == 200
            ? Outcome.Done(job.Number, job.Mood is Mood.Writes ? write => write.Append(new EventDraft(Room, context.Id.Value, "Wrote", null, default)) : null)
            : Outcome.Retry(FailureClassifier.FromStatus(status, retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null));
    }

    private Task<(int Status, int? RetryAfter)> CallAsync(SimJob job, JobContext context, CancellationToken cancellationToken) => world.FarSide.CallAsync(
        node, job.To, () => world.Effects.Serve(context.Id, job), Limit, job.Mood is Mood.Stubborn ? CancellationToken.None : cancellationToken);
}
