using System.Collections.Concurrent;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public sealed class FairLockTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FairLock _lock = new();

    [Fact]
    public void Threads_are_served_in_the_order_of_their_coming()
    {
        _lock.TryEnter(Patience).ShouldBeTrue();
        var order = new ConcurrentQueue<int>();
        var threads = new List<Thread>();
        for (var i = 0; i < 4; i++)
        {
            var number = i;
            threads.Add(new Thread(() =>
            {
                _lock.TryEnter(Patience);
                order.Enqueue(number);
                _lock.Exit();
            }));
            threads[i].Start();
            SpinWait.SpinUntil(() => _lock.Waiting == number + 1, Patience).ShouldBeTrue();
        }

        _lock.Exit();
        threads.ForEach(thread => thread.Join());
        order.ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public void One_who_gave_up_is_passed_over()
    {
        _lock.TryEnter(Patience).ShouldBeTrue();
        _lock.TryEnter(TimeSpan.FromMilliseconds(1)).ShouldBeFalse();
        _lock.Waiting.ShouldBe(0);
        _lock.Exit();
        _lock.TryEnter(TimeSpan.Zero).ShouldBeTrue();
    }
}
