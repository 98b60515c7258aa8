using System.Text;
using System.Text.Json;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

/// <summary>
/// What every job store promises. A store joins by a subclass that says how one is opened; the tests stand in the other parts
/// of this class, one file for each subject. Time moves only when a test moves it.
/// </summary>
public abstract partial class JobStoreContract : IAsyncLifetime
{
    /// <summary>A net under a test that would hang; no test waits for it.</summary>
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(10);

    private protected ManualTimeProvider Time { get; } = new();

    /// <summary>An open store without limits to speak of.</summary>
    protected IJobStore Store { get; private set; } = null!;

    /// <summary>A joined instance of <see cref="Store"/>.</summary>
    protected InstanceId Me { get; private set; }

    /// <summary>Whether <see cref="ReopenAsync"/> gives back what was stored; tests of that say nothing where it is false.</summary>
    protected virtual bool IsDurable => false;

    /// <summary>Opens a new, empty store on <see cref="Time"/>, independent of all others.</summary>
    protected abstract Task<IJobStore> OpenAsync(QueueLimits? limits = null);

    /// <summary>Closes a store and opens it again on the same data.</summary>
    protected virtual Task<IJobStore> ReopenAsync(IJobStore store) => throw new NotSupportedException();

    /// <summary>Makes an instance look as if its process had died without a word.</summary>
    protected abstract Task LoseProcessAsync(IJobStore store, InstanceId instance);

    /// <summary>Removes what the stores of this test left behind.</summary>
    protected virtual void CleanUp()
    {
    }

    public async ValueTask InitializeAsync()
    {
        Store = await OpenAsync();
        Me = await Store.JoinAsync(() => { });
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        CleanUp();
        GC.SuppressFinalize(this);
    }

    protected static JobId Id(string text) => JobId.Parse(text);

    protected static JobDraft Draft(string id, string? lane = null, string? key = null) =>
        new(Id(id), "mail.send", 1, Encoding.UTF8.GetBytes($"\"{id}\""), "{}"u8.ToArray()) { Lane = lane, DeduplicationKey = key };

    protected async Task<IReadOnlyList<Admission>> Enqueue(params JobDraft[] drafts) => await Store.EnqueueAsync(drafts);

    protected async Task<Admission> EnqueueOne(JobDraft draft) => (await Store.EnqueueAsync([draft])).ShouldHaveSingleItem();

    /// <summary>A claim that may stand.</summary>
    protected Task<IReadOnlyList<LeasedJob>> Claim(int max = 100, InstanceId? instance = null, int leaseSeconds = 60) =>
        Store.ClaimAsync(new ClaimRequest(instance ?? Me, max, TimeSpan.FromSeconds(leaseSeconds)));

    /// <summary>The answer of a claim that has something to get.</summary>
    protected async Task<IReadOnlyList<LeasedJob>> Leased(int max = 100, InstanceId? instance = null, int leaseSeconds = 60) =>
        await Claim(max, instance, leaseSeconds).WaitAsync(s_safetyNet);

    protected static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(s_safetyNet);

    protected static Task Soon(Task task) => task.WaitAsync(s_safetyNet);

    /// <summary>The ids of everything that can be claimed now, in order; leaves no claim standing.</summary>
    protected async Task<string[]> ClaimedIds(int max = 100, InstanceId? instance = null)
    {
        var claim = Claim(max, instance);
        await RoundTrip();
        await Store.WithdrawAsync(instance ?? Me);
        return [.. (await Soon(claim)).Select(job => job.Lease.Id.Value)];
    }

    /// <summary>Claims exactly this job and gives its lease.</summary>
    protected async Task<Lease> Run(string id)
    {
        var job = (await Leased()).ShouldHaveSingleItem();
        job.Lease.Id.Value.ShouldBe(id);
        return job.Lease;
    }

    /// <summary>A write that changes nothing: after it the store has looked at everything before it.</summary>
    protected async Task RoundTrip() => await Store.DecideAsync(new JobCommand.Reached("nowhere"));

    protected async Task ShouldStand<T>(Task<T> claim)
    {
        await RoundTrip();
        claim.IsCompleted.ShouldBeFalse();
    }

    protected Task<bool> Done(Lease lease) => Store.SettleAsync(lease, new Settlement(SettlementKind.Done) { Result = "{\"ok\":1}"u8.ToArray() });

    protected Task<bool> Again(Lease lease, int seconds, Failure? failure = null, bool counted = false) =>
        Store.SettleAsync(lease, new Settlement(SettlementKind.Again)
        {
            Delay = TimeSpan.FromSeconds(seconds),
            Failure = failure,
            Counted = counted,
        });

    protected Task<bool> Die(Lease lease, DeadReason reason = DeadReason.Rejected) =>
        Store.SettleAsync(lease, new Settlement(SettlementKind.Dead)
        {
            Reason = reason,
            Counted = true,
            Failure = new Failure(FailureKind.Permanent, "no such mailbox"),
        });

    /// <summary>Enqueues a job, claims it alone and lets it die.</summary>
    protected async Task EnqueueDead(JobDraft draft, DeadReason reason = DeadReason.Rejected)
    {
        await Enqueue(draft);
        (await Die(await Run(draft.Id.Value), reason)).ShouldBeTrue();
    }

    protected Task<CommandAnswer> Decide(JobCommand command) => Store.DecideAsync(command);

    protected async Task<JobRecord> Row(string id) => (await Store.GetAsync(Id(id))).ShouldNotBeNull();

    protected async Task<Gate?> GateOf(string id) => (await Row(id)).Gate;

    protected async Task<string[]> WaitsFor(string id) => [.. (await Row(id)).WaitsFor.Select(other => other.Value).Order(StringComparer.Ordinal)];

    protected async Task<IReadOnlyList<StoredEvent>> Events(string? subject = null) =>
        await Store.ReadEventsAsync(0, new EventFilter(Subject: subject), 1_000);

    protected async Task<string[]> Kinds(string? subject = null) => [.. (await Events(subject)).Select(e => e.Kind)];

    protected static JsonElement Body(StoredEvent entry) => JsonDocument.Parse(entry.Body).RootElement;

    protected static async Task<string> CodeOf(Func<Task> call) => (await Should.ThrowAsync<PosthouseException>(call)).Code;

    private protected void Pass(int seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));
}
