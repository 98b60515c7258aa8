using Microsoft.Extensions.DependencyInjection;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Tests.Hosting;
using Posthouse.Tests.Simulation;

namespace Posthouse.Tests.Queue;

/// <summary>Who follows the log reads when there is something to read, and otherwise waits.</summary>
public sealed class LogFollowerTests
{
    [Fact]
    public async Task Events_of_others_do_not_keep_a_reader_busy()
    {
        await using var office = await Office.OpenAsync(null, options => options.Dispatches = false);
        await office.Queue.EnqueueAsync(new Letter("another's"), new EnqueueOptions { Owner = "printer" });
        var store = new CountingStore(office.Services.GetRequiredService<IJobStore>());
        var events = new JobEvents(store, office.Services.GetRequiredService<JobEventReader>(), office.Services.GetRequiredService<ProgressFeed>());

        await using var screen = events.ReadAsync("screen", cancellationToken: TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = screen.MoveNextAsync();
        first.IsCompleted.ShouldBeFalse();
        var mine = await office.Queue.EnqueueAsync(new Letter("mine"), new EnqueueOptions { Owner = "screen" });
        (await first.AsTask().WaitAsync(Office.Patience)).ShouldBeTrue();
        screen.Current.Id.ShouldBe(mine.Id);
        store.Reads.ShouldBe(2);
    }

    private sealed class CountingStore(IJobStore inner) : PassingStore(inner)
    {
        public int Reads { get; private set; }

        public override Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(long after, EventFilter filter, int limit) => ++Reads < 10
            ? base.ReadEventsAsync(after, filter, limit)
            : throw new InvalidOperationException("It reads again and again.");
    }
}
