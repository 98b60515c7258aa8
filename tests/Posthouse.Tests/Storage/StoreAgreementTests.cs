using System.Text;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Memory;

namespace Posthouse.Tests.Storage;

/// <summary>
/// Two stores that are told the same have to answer the same and hold the same: the one in memory is the model. Each seed is one
/// run of random commands; after every command answers, rows, counts and events are compared.
/// </summary>
public abstract class StoreAgreementTests
{
    /// <summary>Few enough that commands meet each other's jobs all the time.</summary>
    private const int StepsOfARun = 120;

    /// <summary>Runs; each has its number as its seed.</summary>
    protected virtual int Runs => 40;

    /// <summary>Opens the other store, new and empty.</summary>
    protected abstract Task<IJobStore> OpenOtherAsync(TimeProvider time, QueueLimits limits);

    /// <summary>Makes an instance of the other store look as if its process had died.</summary>
    protected abstract Task LoseProcessOfOtherAsync(IJobStore store, InstanceId instance);

    [Fact]
    public async Task Stores_that_are_told_the_same_hold_the_same()
    {
        for (var seed = 1; seed <= Runs; seed++)
        {
            var time = new ManualTimeProvider();
            var limits = new QueueLimits { MaxOpenJobs = 40, MaxJobBytes = 200, MaxOpenBytes = 2_000, MaxFileBytes = 500 };
            await using var model = new StoreInRun(new MemoryJobStore(time, SystemIds.Instance, limits), LoseProcessOfModel);
            await using var other = new StoreInRun(await OpenOtherAsync(time, limits), LoseProcessOfOtherAsync);
            await model.JoinAsync();
            await other.JoinAsync();
            await CompareAsync(seed, time, model, other);
        }
    }

    private static async Task CompareAsync(int seed, ManualTimeProvider time, StoreInRun model, StoreInRun other)
    {
        var commands = new RandomCommands(seed, time);
        var told = new List<string>();
        for (var step = 0; step < StepsOfARun; step++)
        {
            var (name, command) = commands.Next();
            told.Add(name);
            var expected = await AnswerAsync(command, model);
            var actual = await AnswerAsync(command, other);
            var trail = $"seed {seed}, step {step}, after {string.Join(" · ", told.TakeLast(12))}";
            actual.ShouldBe(expected, trail);
            ShouldShowTheSame(await other.SnapshotAsync(), await model.SnapshotAsync(), trail);
            (await model.LanesThatRunTwoAsync()).ShouldBeEmpty(trail);
            (await model.JobsThatWaitForEverAsync()).ShouldBeEmpty(trail);
        }
    }

    /// <summary>Line by line, so that a failure names the row and not the whole store.</summary>
    private static void ShouldShowTheSame(string actual, string expected, string trail)
    {
        foreach (var (line, wanted) in actual.Split('\n').Zip(expected.Split('\n')))
        {
            line.ShouldBe(wanted, trail);
        }

        actual.Length.ShouldBe(expected.Length, trail);
    }

    private static async Task<string> AnswerAsync(Func<StoreInRun, Task<string>> command, StoreInRun store)
    {
        try
        {
            return await command(store);
        }
        catch (PosthouseException e)
        {
            return e.Code;
        }
    }

    private static Task LoseProcessOfModel(IJobStore store, InstanceId instance)
    {
        ((MemoryJobStore)store).DeclareGone(instance);
        return Task.CompletedTask;
    }
}

/// <summary>One of the two stores, with its own instances and leases under names that both share.</summary>
internal sealed class StoreInRun(IJobStore store, Func<IJobStore, InstanceId, Task> loseProcess) : IAsyncDisposable
{
    private readonly Dictionary<string, Lease> _leases = new(StringComparer.Ordinal);
    private readonly InstanceId[] _instances = new InstanceId[2];

    public IJobStore Store => store;

    public async Task JoinAsync()
    {
        _instances[0] = await store.JoinAsync(() => { });
        _instances[1] = await store.JoinAsync(() => { });
    }

    /// <summary>Claims what there is now, and remembers every lease there ever was, so that stale ones are tried too.</summary>
    public async Task<string> ClaimAsync(int instance, int max)
    {
        var claim = store.ClaimAsync(new ClaimRequest(_instances[instance], max, TimeSpan.FromSeconds(60)) { Knows = (_, version) => version == 1 });
        await store.DecideAsync(new JobCommand.Reached("nowhere"));
        await store.WithdrawAsync(_instances[instance]);
        var jobs = await claim.WaitAsync(TimeSpan.FromSeconds(10));
        foreach (var job in jobs)
        {
            _leases[$"{job.Lease.Id}/{job.Lease.Fence}"] = job.Lease;
        }

        return string.Join(' ', jobs.Select(j => $"{j.Lease.Id}/{j.Lease.Fence}:{j.Attempts},{j.Unreached},{j.Lost}"));
    }

    public async Task<string> SettleAsync(int pick, Settlement settlement)
    {
        // Ordered by age, newest most often: old leases are stale ones.
        var names = _leases.Keys.ToList();
        return names.Count == 0 ? "" : $"{await store.SettleAsync(_leases[names[names.Count - 1 - (pick % Math.Min(4, names.Count))]], settlement)}";
    }

    public async Task<string> RenewAsync(int instance) =>
        string.Join(' ', (await store.RenewAsync(_instances[instance], TimeSpan.FromSeconds(60))).Select(h => $"{h.Lease.Id}:{h.CancelRequested}"));

    public async Task<string> LoseProcessAsync(int instance)
    {
        await loseProcess(store, _instances[instance]);
        var lost = await store.TakeOverAsync(_instances[1 - instance]);
        _instances[instance] = await store.JoinAsync(() => { });
        return $"{lost}";
    }

    public async Task<string> LeaveAsync(int instance)
    {
        await store.LeaveAsync(_instances[instance]);
        _instances[instance] = await store.JoinAsync(() => { });
        return "";
    }

    /// <summary>Everything that can be seen, as text that shows where two differ. Places are opaque, so only their order is compared.</summary>
    public async Task<string> SnapshotAsync()
    {
        var text = new StringBuilder();
        foreach (var r in await store.ListAsync(new JobQuery { Limit = JobQuery.MaxPage }))
        {
            text.Append(null, $"{r.Id} {r.Name} v{r.Version} {r.State} {r.Gate} {r.Hold} {r.Reason} to={r.Destination} lane={r.Lane} ")
                .Append(null, $"run={r.RunAt:O} expires={r.ExpiresAt:O} accepted={r.AcceptedAt:O} ended={r.EndedAt:O} ")
                .Append(null, $"claims={r.Claims} lost={r.Lost} attempts={r.Attempts} by={Array.FindIndex(_instances, i => i.Value == r.Instance)} ")
                .Append(null, $"until={r.LeaseUntil:O} waits={string.Join(',', r.WaitsFor.Select(w => w.Value).Order(StringComparer.Ordinal))} ")
                .Append(null, $"{r.Failure?.Kind} {r.Failure?.Message} {r.Failure?.StatusCode} {Encoding.UTF8.GetString(r.Result ?? [])}\n");
        }

        var c = await store.CountAsync();
        text.Append(null, $"{c.Ready} {c.Scheduled} {c.Waiting} {c.Held} {c.Running} {c.Failed} {c.Done} {c.Closed} {c.OpenBytes} ")
            .Append(null, $"{c.Paused} {string.Join(',', c.PausedDestinations)} {c.OldestOpen:O} {c.OldestReady:O} {c.NextDue:O}\n");
        foreach (var e in await store.ReadEventsAsync(0, new EventFilter(), int.MaxValue))
        {
            text.Append(null, $"{e.At:O} {e.Room} {e.Subject} {e.Kind} {e.Owner} {Encoding.UTF8.GetString(e.Body.Span)}\n");
        }

        return text.ToString();
    }

    /// <summary>Lanes with more than one running job: no command may ever make one.</summary>
    public async Task<string[]> LanesThatRunTwoAsync() =>
    [
        .. (await store.ListAsync(new JobQuery { State = JobState.Running, Limit = JobQuery.MaxPage }))
            .Where(r => r.Lane is not null).GroupBy(r => r.Lane!).Where(g => g.Count() > 1).Select(g => g.Key),
    ];

    /// <summary>Jobs that would still wait if every job that waits for nobody ended, and so on: those in a circle of edges.</summary>
    public async Task<JobId[]> JobsThatWaitForEverAsync()
    {
        var waiting = (await store.ListAsync(new JobQuery { Limit = JobQuery.MaxPage })).ToDictionary(r => r.Id, r => r.WaitsFor);
        while (waiting.Where(w => !w.Value.Any(waiting.ContainsKey)).Select(w => w.Key).ToList() is { Count: > 0 } free)
        {
            free.ForEach(id => waiting.Remove(id));
        }

        return [.. waiting.Keys];
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();
}

/// <summary>The model agrees with itself: proves the comparison, not the store.</summary>
public sealed class MemoryAgreementTests : StoreAgreementTests
{
    protected override int Runs => 20;

    protected override Task<IJobStore> OpenOtherAsync(TimeProvider time, QueueLimits limits) =>
        Task.FromResult<IJobStore>(new MemoryJobStore(time, SystemIds.Instance, limits));

    protected override Task LoseProcessOfOtherAsync(IJobStore store, InstanceId instance)
    {
        ((MemoryJobStore)store).DeclareGone(instance);
        return Task.CompletedTask;
    }
}
