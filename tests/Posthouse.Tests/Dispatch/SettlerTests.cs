using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Dispatch;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Memory;
using Posthouse.Tests.Simulation;

namespace Posthouse.Tests.Dispatch;

public sealed class SettlerTests
{
    private static readonly Settlement Done = new(SettlementKind.Done) { Result = [] };

    private readonly ManualTimeProvider _time = new();
    private readonly List<Mail> _mail = [];

    [Fact]
    public async Task An_outcome_is_written_again_after_any_error_of_the_store()
    {
        await using var store = new TornStore(_time) { Errors = 2 };
        var settling = Make(store).SettleAsync(NewRun(), Done);
        _time.Advance(TimeSpan.FromSeconds(1));
        settling.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        await settling.WaitAsync(TimeSpan.FromSeconds(10));
        _mail.ShouldHaveSingleItem().ShouldBeOfType<Mail.Settled>();
    }

    [Fact]
    public async Task Once_the_process_has_left_an_outcome_that_cannot_be_written_is_let_go()
    {
        await using var store = new TornStore(_time) { Errors = int.MaxValue };
        var settler = Make(store);
        settler.Leave();
        await settler.SettleAsync(NewRun(), Done).WaitAsync(TimeSpan.FromSeconds(10));
        _mail.ShouldBeEmpty();
    }

    private Settler Make(IJobStore store) => new(store, (_, _) => throw new InvalidOperationException("No write failed."), _time, NullLogger.Instance, _mail.Add);

    private static Run NewRun() => new(new LeasedJob(new Lease(JobId.Parse("letter-1"), 1, 1), "test.letter", 1, []), 0, NullLogger.Instance);

    /// <summary>Fails some settlements with an error that no store should have.</summary>
    private sealed class TornStore(TimeProvider time) : PassingStore(new MemoryJobStore(time, SystemIds.Instance, new QueueLimits()))
    {
        public int Errors { get; set; }

        public override Task<bool> SettleAsync(Lease lease, Settlement settlement) =>
            Errors-- > 0 ? Task.FromException<bool>(new InvalidOperationException("torn")) : base.SettleAsync(lease, settlement);
    }
}
