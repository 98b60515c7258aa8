using Microsoft.Extensions.DependencyInjection;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Memory;
using Posthouse.Tests.Hosting;
using Posthouse.Tests.Simulation;

namespace Posthouse.Tests.Dispatch;

[Job("test.errand", Destination = "{To}")]
internal sealed record Errand(string To) : IJob<Receipt>
{
    public Receipt OptimisticResult(OptimisticContext context) => new("under way");
}

internal sealed class ErrandHandler : IJobHandler<Errand, Receipt>
{
    public Task<Outcome<Receipt>> HandleAsync(Errand job, JobContext context, CancellationToken cancellationToken) => Task.FromResult<Outcome<Receipt>>(new Receipt(job.To));
}

/// <summary>A destination that takes one job at a time.</summary>
public sealed class DestinationRoomTests
{
    [Fact]
    public async Task Its_next_job_has_room_as_soon_as_an_outcome_is_written()
    {
        await using var store = new AskingStore(new MemoryJobStore(TimeProvider.System, SystemIds.Instance, new QueueLimits()));
        var services = new ServiceCollection().AddSingleton<IJobStore>(store).AddSingleton<IConnectivity>(new OneAtATime());
        services.AddPosthouse().AddPosthouseTestsJobs();
        await using var provider = services.BuildServiceProvider();
        await using var host = await provider.StartPosthouse();
        var queue = provider.GetRequiredService<JobQueue>();

        for (var i = 0; i < 20; i++)
        {
            await (await queue.EnqueueAsync(new Errand("mill"))).Completion.WaitAsync(Office.Patience);
        }

        store.Rooms.ShouldBe(Enumerable.Repeat(1, 20));
    }

    /// <summary>Asks for the room at the moment when an outcome comes to be written, as its commit does.</summary>
    private sealed class AskingStore(IJobStore inner) : PassingStore(inner)
    {
        private ClaimRequest? _standing;

        public List<int> Rooms { get; } = [];

        public override Task<IReadOnlyList<LeasedJob>> ClaimAsync(ClaimRequest request) => base.ClaimAsync(_standing = request);

        public override Task<bool> SettleAsync(Lease lease, Settlement settlement)
        {
            Rooms.Add(_standing!.Room("mill"));
            return base.SettleAsync(lease, settlement);
        }
    }

    private sealed class OneAtATime : IConnectivity
    {
        public event Action<string?>? Changed;

        public ConnectivityState StateOf(string destination) => ConnectivityState.Unknown;

        public int RoomFor(string destination) => 1;

        public void Report(string destination, bool reached) => Changed?.Invoke(null);

        public TimeSpan? UntilNextProbe() => null;

        public void ProbeNow()
        {
        }
    }
}
