using Posthouse.Storage;

namespace Posthouse.Tests.Simulation;

/// <summary>A store with a mistake between the engines and the real one.</summary>
internal sealed class DistortedStore(IJobStore inner) : PassingStore(inner)
{
    public bool LosesCancels { get; init; }

    public bool DropsRenewals { get; init; }

    public bool WritesBeside { get; init; }

    public bool TakesFromTheLiving { get; init; }

    public bool SplitsBatches { get; init; }

    public override async Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, Func<IReadOnlyList<Admission>, T> shape)
    {
        if (!SplitsBatches)
            return await base.EnqueueAsync(drafts, shape);
        var admissions = new List<Admission>();
        foreach (var draft in drafts)
            admissions.AddRange(await base.EnqueueAsync([draft]));
        return shape(admissions);
    }

    public override async Task<bool> SettleAsync(Lease lease, Settlement settlement)
    {
        if (WritesBeside && settlement.Write is { } write)
        {
            await ((IStore)Inner).WriteAsync(transaction =>
            {
                write(transaction);
                return true;
            });
            settlement = settlement with { Write = null };
        }

        return await base.SettleAsync(lease, settlement);
    }

    /// <summary>Says what is held, and renews it for no time.</summary>
    public override Task<IReadOnlyList<HeldLease>> RenewAsync(InstanceId instance, TimeSpan by) =>
        base.RenewAsync(instance, DropsRenewals ? TimeSpan.FromMilliseconds(1) : by);

    public override async Task<int> TakeOverAsync(InstanceId instance)
    {
        if (TakesFromTheLiving)
        {
            await ((IStore)Inner).WriteAsync(write =>
            {
                write.Execute("UPDATE job SET lost = lost + 1 WHERE state = 1 AND instance <> $1 AND lost < 2", instance.Value);
                return write.Execute("UPDATE job SET state = 0, gate = 0, instance = NULL, lease_until = NULL WHERE state = 1 AND instance <> $1", instance.Value);
            });
        }

        return await base.TakeOverAsync(instance);
    }

    public override async Task<CommandAnswer> DecideAsync(JobCommand command) => LosesCancels && command is JobCommand.Cancel
        ? new CommandAnswer(1, CancelAnswer.CancelledBeforeSend)
        : await base.DecideAsync(command);
}
