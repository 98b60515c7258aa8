using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>The client's decisions. Each answer is held against the file at the moment it is heard.</summary>
internal sealed class QueueDecisions(QueueWorld world, SimNode node, JobQueue queue, IJobStore store)
{
    private Sim Sim => node.Sim;

    /// <summary>One decision, whichever the run draws. A store that refuses is no failure; the decision was then not made, or may have been.</summary>
    public async Task AnyAsync()
    {
        try
        {
            await (Sim.Random.Next(14) switch
            {
                < 4 => CancelAsync(),
                < 6 => DecideAsync(id => queue.RetryAsync(id)),
                6 => DecideAsync(id => queue.DiscardAsync(id)),
                7 => DecideAsync(id => Edit(id)),
                8 => queue.PauseAsync(Destination()),
                < 11 => ResumeAsync(),
                11 => ClearAsync(),
                12 => SeeAsync(),
                _ => queue.CredentialsChangedAsync(Destination()),
            });
        }
        catch (PosthouseException e)
        {
            Sim.Check(e.IsTransient || e.Code is ErrorCodes.JobNotFound or ErrorCodes.JobStateConflict, $"a decision was refused with {e.Code}");
            Sim.Reach($"decision: {e.Code}");
        }
    }

    private async Task CancelAsync()
    {
        if (Any(world.History.Asked.Where(intent => world.History.Stored.Contains(intent.Id)).Select(intent => intent.Id)) is not { } id)
            return;
        var answer = await queue.CancelAsync(id);
        Sim.Reach($"cancel: {answer}");
        var (state, reason, cancel, _) = RowOf(id);
        var holds = answer switch
        {
            CancelAnswer.CancelledBeforeSend => reason is DeadReason.Cancelled,
            CancelAnswer.RequestedWhileRunning => cancel || state is JobState.Done or JobState.Dead,
            _ => state is JobState.Done or JobState.Dead || world.Audit.Retried.Contains(id),
        };
        Sim.Check(holds, $"a cancel was answered {answer} and the file says {state}");
    }

    private async Task DecideAsync(Func<JobId, Task> decide)
    {
        if (Any(Dead()) is { } id)
            await decide(id);
    }

    private Task<JobId> Edit(JobId id)
    {
        return RowOf(id).Name switch
        {
            "sim.kept" => queue.RetryEditedAsync<KeptJob>(id, job => job with { Mood = Mood.Plain }),
            "sim.replaced" => queue.RetryEditedAsync<ReplacedJob>(id, job => job with { Mood = Mood.Plain }),
            _ => queue.RetryEditedAsync<RefusedJob>(id, job => job with { Mood = Mood.Plain }),
        };
    }

    private async Task ClearAsync()
    {
        var before = world.Audit.Cleared.Count;
        var said = await queue.ClearAsync();
        Sim.Check(world.Audit.Cleared.Count - before == said, "a clear removed another number than it said");
    }

    /// <summary>The owner has seen everything so far.</summary>
    private async Task SeeAsync() => await store.AcknowledgeAsync("screen", await store.LastPositionAsync());

    private async Task ResumeAsync()
    {
        await queue.ResumeAsync();
        await queue.ResumeAsync(QueueIntents.Alpha);
        await queue.ResumeAsync(QueueIntents.Beta);
    }

    /// <summary>Ends every pause and hold, and if told so discards whatever needs a decision.</summary>
    public async Task EndAsync(bool discards)
    {
        await ResumeAsync();
        await queue.CredentialsChangedAsync();
        foreach (var id in discards ? Dead() : [])
            await queue.DiscardAsync(id);
    }

    private List<JobId> Dead() =>
        world.Reader.Query("SELECT id FROM job WHERE state = 3 AND reason <= 4 ORDER BY seq", row => JobId.Parse(row.Text(0)));

    private string? Destination() => Sim.Random.Next(3) switch
    {
        0 => QueueIntents.Alpha,
        1 => QueueIntents.Beta,
        _ => null,
    };

    private JobId? Any(IEnumerable<JobId> ids)
    {
        JobId[] all = [.. ids];
        return all.Length == 0 ? null : all[Sim.Random.Next(all.Length)];
    }

    private (JobState State, DeadReason? Reason, bool Cancel, string Name) RowOf(JobId id) => world.Reader.QueryFirst(
        "SELECT state, reason, cancel, name FROM job WHERE id = $1",
        row => ((JobState)row.Int64(0), (DeadReason?)row.Int64OrNull(1), row.Int64(2) == 1, row.Text(3)), id.Value);
}
