using Posthouse.Mesh.Hosting;

namespace Posthouse.Tests.Mesh.Hosting;

public sealed class PoolDriverTests
{
    private const int Signallers = 4;
    private const int Signals = 5_000;

    [Fact]
    public async Task Turns_come_one_after_the_other_and_none_that_was_wanted_is_left_out()
    {
        var (wanted, done, atOnce) = (0, 0, 0);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var driver = PoolDriver.Start("test", () =>
        {
            Interlocked.Increment(ref atOnce).ShouldBe(1);
            // Taken like posts: what is seen here is done in this turn.
            done += Interlocked.Exchange(ref wanted, 0);
            Interlocked.Decrement(ref atOnce);
            if (done == Signallers * Signals)
                all.TrySetResult();
            return false;
        });

        await Task.WhenAll(Enumerable.Range(0, Signallers).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Signals; i++)
            {
                Interlocked.Increment(ref wanted);
                driver.Signal();
            }
        })));

        await all.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_turn_that_says_that_more_waits_is_followed_by_another()
    {
        var turns = 0;
        var third = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var driver = PoolDriver.Start("test", () =>
        {
            if (++turns == 3)
                third.SetResult();
            return turns < 3;
        });

        driver.Signal();

        await third.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void The_end_runs_what_waits_and_nothing_after_it()
    {
        var turns = 0;
        var driver = PoolDriver.Start("test", () => ++turns < 3);

        driver.Dispose();
        driver.Signal();
        driver.Dispose();

        turns.ShouldBe(3);
    }
}
