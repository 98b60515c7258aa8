using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Tests.Simulation;

/// <summary>Awaits how jobs end, as an application does, and holds each answer against the row at the moment it is heard.</summary>
internal sealed class QueueEnds(QueueWorld world)
{
    private readonly Dictionary<JobId, (JobState, DeadReason?)> _ended = [];

    /// <summary>Awaits the end of one job in four.</summary>
    public void Watch(JobHandle<int> handle)
    {
        if (world.Sim.Random.Next(4) == 0)
            _ = WaitAsync(handle);
    }

    private async Task WaitAsync(JobHandle<int> handle)
    {
        var end = await handle.Completion;
        world.Sim.Reach($"completion: {end.State}");
        if (world.Audit.Cleared.Contains(end.Id))
            return;
        var (state, reason) = world.Reader.QueryFirst("SELECT state, reason FROM job WHERE id = $1",
            row => ((JobState)row.Int64(0), (DeadReason?)row.Int64OrNull(1)), end.Id.Value);
        var decided = world.Audit.Retried.Contains(end.Id);
        world.Sim.Check(decided || (state, reason) == (end.State, end.Reason), $"a completion said {end.State} {end.Reason} and the file {state} {reason}");
        world.Sim.Check(_ended.TryAdd(end.Id, (end.State, end.Reason)) || decided || _ended[end.Id] == (end.State, end.Reason), "a job ended twice, and not alike");
        world.Sim.Check(end.State is not JobState.Done || end.Result is not 0, "a completion of a done job has no result");
    }
}
