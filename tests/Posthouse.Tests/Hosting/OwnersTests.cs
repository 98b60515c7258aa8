using Microsoft.Extensions.DependencyInjection;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Hosting;

/// <summary>An owner, a screen for example, hears what happened while it was away.</summary>
public sealed class OwnersTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    [Fact]
    public async Task An_owner_hears_after_a_restart_what_happened_while_it_was_away()
    {
        await using (var first = await Office.OpenAsync(_folder.File("app.db")))
        {
            var mine = await first.Queue.EnqueueAsync(new Letter("mine"), new EnqueueOptions { Owner = "screen" });
            var other = await first.Queue.EnqueueAsync(new Letter("another's"), new EnqueueOptions { Owner = "printer" });
            await Task.WhenAll(mine.Completion, other.Completion).WaitAsync(Office.Patience);
        }

        await using var second = await Office.OpenAsync(_folder.File("app.db"));
        var replayed = await ReadAsync(second, 2);
        replayed[0].ShouldBeOfType<JobAccepted>().Optimistic.ShouldBe(new Receipt("under way: mine"));
        replayed[1].ShouldBeOfType<JobDone>().Result.ShouldBe(new Receipt("arrived: mine"));
        replayed.ShouldAllBe(happened => happened.Owner == "screen");
    }

    [Fact]
    public async Task A_listener_that_throws_harms_neither_the_others_nor_the_queue()
    {
        await using var office = await Office.OpenAsync(_folder.File("app.db"));
        var heard = new TaskCompletionSource<JobEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        office.Queue.Events.Live += _ => throw new InvalidOperationException("a broken screen");
        office.Queue.Events.Live += happened => heard.TrySetResult(happened);

        // The feed begins a moment after the subscription: what ends before it is heard by nobody.
        for (var sent = 0; !heard.Task.IsCompleted; sent++)
        {
            sent.ShouldBeLessThan(1_000, "nothing was ever heard");
            var letter = await office.Queue.EnqueueAsync(new Letter("one"));
            (await letter.Completion.WaitAsync(Office.Patience)).State.ShouldBe(Posthouse.Jobs.JobState.Done);
        }

        var next = await office.Queue.EnqueueAsync(new Letter("two"));
        (await next.Completion.WaitAsync(Office.Patience)).State.ShouldBe(Posthouse.Jobs.JobState.Done);
    }

    [Fact]
    public async Task Finished_jobs_and_their_events_stay_until_the_owner_has_seen_the_end()
    {
        var clock = new ManualTimeProvider();
        await using var office = await Office.OpenAsync(_folder.File("app.db"), time: clock);
        var store = office.Services.GetRequiredService<IJobStore>();
        var letter = await office.Queue.EnqueueAsync(new Letter("kept"), new EnqueueOptions { Owner = "screen" });
        await letter.Completion.WaitAsync(Office.Patience);
        var seen = await ReadAsync(office, 2);

        clock.Advance(TimeSpan.FromHours(25));
        await store.SweepAsync(TimeSpan.FromHours(24));
        (await office.Queue.GetAsync(letter.Id)).ShouldNotBeNull();
        (await ReadAsync(office, 2)).Select(happened => happened.Position).ShouldBe(seen.Select(happened => happened.Position));

        await office.Queue.Events.AcknowledgeAsync("screen", seen[^1].Position);
        await store.SweepAsync(TimeSpan.FromHours(24));
        (await office.Queue.GetAsync(letter.Id)).ShouldBeNull();
        (await store.ReadEventsAsync(0, new EventFilter(Owner: "screen"), 10)).ShouldBeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<List<JobEvent>> ReadAsync(Office office, int count)
    {
        using var patience = new CancellationTokenSource(Office.Patience);
        var read = new List<JobEvent>();
        await foreach (var happened in office.Queue.Events.ReadAsync("screen", cancellationToken: patience.Token))
        {
            read.Add(happened);
            if (read.Count == count)
            {
                break;
            }
        }

        return read;
    }
}
