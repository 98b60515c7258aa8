using Microsoft.Extensions.DependencyInjection;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Memory;
using Posthouse.Tests.Hosting;
using Posthouse.Tests.Simulation;

namespace Posthouse.Tests.Dispatch;

/// <summary>Jobs that are told to stop, while they run or before they began.</summary>
public sealed class StoppedRunTests
{
    [Fact]
    public async Task A_stop_callback_that_throws_or_blocks_does_not_hold_the_dispatcher()
    {
        await using var office = await Office.OpenAsync(database: null);
        using var released = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        office.FarSide.Answer = async (text, token) =>
        {
            if (text == "after")
            {
                released.Set();
                return new Receipt(text);
            }

            token.Register(() =>
            {
                released.Wait(Office.Patience, CancellationToken.None);
                throw new FormatException("torn");
            });
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return new Receipt("never");
        };
        var first = await office.Queue.EnqueueAsync(new Letter("stopped"));
        await entered.Task.WaitAsync(Office.Patience);
        await office.Queue.CancelAsync(first.Id);
        (await first.Completion.WaitAsync(Office.Patience)).Reason.ShouldBe(DeadReason.Cancelled);

        var second = await office.Queue.EnqueueAsync(new Letter("after"));

        (await second.Completion.WaitAsync(TimeSpan.FromSeconds(10))).State.ShouldBe(JobState.Done);
        released.IsSet.ShouldBeTrue();
    }

    [Fact]
    public async Task A_job_claimed_ahead_and_cancelled_meanwhile_is_not_begun()
    {
        await using var store = new GenerousStore(new MemoryJobStore(TimeProvider.System, SystemIds.Instance, new QueueLimits()));
        var farSide = new FarSide();
        var services = new ServiceCollection().AddSingleton(farSide).AddSingleton<IJobStore>(store);
        services.AddPosthouse(options => options.Dispatch = options.Dispatch with { Concurrency = 1 }).AddPosthouseTestsJobs();
        await using var provider = services.BuildServiceProvider();
        var (entered, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        farSide.Answer = async (text, _) =>
        {
            entered.TrySetResult();
            await gate.Task;
            return new Receipt(text);
        };
        var queue = provider.GetRequiredService<JobQueue>();
        await queue.EnqueueAsync(new Letter("first"));
        var ahead = await queue.EnqueueAsync(new Letter("ahead"));
        await using var host = await provider.StartPosthouse();
        await entered.Task.WaitAsync(Office.Patience);

        await queue.CancelAsync(ahead.Id);
        await store.CancelTold.Task.WaitAsync(Office.Patience);
        store.Hint!();
        await store.AskedAgain.Task.WaitAsync(Office.Patience);
        gate.SetResult();

        (await ahead.Completion.WaitAsync(Office.Patience)).Reason.ShouldBe(DeadReason.Cancelled);
        farSide.Received.ShouldBe(["first"]);
    }

    /// <summary>Leases one job more than was asked for, and says when the dispatcher has taken note of a cancel: it asks again only after that.</summary>
    private sealed class GenerousStore(IJobStore inner) : PassingStore(inner)
    {
        public TaskCompletionSource CancelTold { get; } = new();

        public TaskCompletionSource AskedAgain { get; } = new();

        public Action? Hint { get; private set; }

        public override Task<IReadOnlyList<LeasedJob>> ClaimAsync(ClaimRequest request) => base.ClaimAsync(request with { Max = request.Max + 1 });

        public override Task<InstanceId> JoinAsync(Action hint)
        {
            Hint = hint;
            return base.JoinAsync(hint);
        }

        public override async Task<IReadOnlyList<HeldLease>> RenewAsync(InstanceId instance, TimeSpan by)
        {
            if (CancelTold.Task.IsCompleted)
            {
                AskedAgain.TrySetResult();
            }

            var held = await base.RenewAsync(instance, by);
            if (held.Any(lease => lease.CancelRequested))
            {
                CancelTold.TrySetResult();
            }

            return held;
        }
    }
}
