using Posthouse.Diagnostics;

namespace Posthouse.Tests.Diagnostics;

public sealed class ReadingTests
{
    private readonly ManualTimeProvider _time = new();
    private int _reads;

    [Fact]
    public async Task Collectors_that_come_together_share_a_reading()
    {
        var reading = new Reading<string>(() => Task.FromResult($"{++_reads}"), _time);

        (await reading.GetAsync(), await reading.GetAsync(), reading.Observe()).ShouldBe(("1", "1", "1"));
        _time.Advance(Reading<string>.Fresh);
        (await reading.GetAsync()).ShouldBe("2");
    }

    [Fact]
    public async Task What_takes_long_is_read_seldom()
    {
        var reading = new Reading<string>(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult($"{++_reads}");
        }, _time);

        await reading.GetAsync();
        _time.Advance(TimeSpan.FromSeconds(9.9));
        (await reading.GetAsync()).ShouldBe("1");
        _time.Advance(TimeSpan.FromSeconds(0.1));
        (await reading.GetAsync()).ShouldBe("2");
    }

    [Fact]
    public async Task One_that_was_very_slow_is_kept_for_half_a_minute_and_a_failed_one_for_a_second()
    {
        var reading = new Reading<string>(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            return ++_reads == 2 ? throw new PosthouseException(ErrorCodes.StoreUnavailable, "away") : Task.FromResult($"{_reads}");
        }, _time);

        (await reading.GetAsync()).ShouldBe("1");
        _time.Advance(Reading<string>.Longest - TimeSpan.FromTicks(1));
        (await reading.GetAsync()).ShouldBe("1");
        _time.Advance(TimeSpan.FromTicks(1));
        reading.Observe().ShouldBeNull();
        _time.Advance(Reading<string>.Fresh);
        (await reading.GetAsync()).ShouldBe("3");
    }

    [Fact]
    public async Task A_store_that_is_away_is_asked_again_a_second_later()
    {
        var reading = new Reading<string>(() => ++_reads == 1 ? throw new PosthouseException(ErrorCodes.StoreUnavailable, "away") : Task.FromResult("here"), _time);

        (await Should.ThrowAsync<PosthouseException>(reading.GetAsync())).Code.ShouldBe(ErrorCodes.StoreUnavailable);
        reading.Observe().ShouldBeNull();
        _reads.ShouldBe(1);
        _time.Advance(Reading<string>.Fresh);
        (await reading.GetAsync()).ShouldBe("here");
    }

    [Fact]
    public async Task What_was_asked_before_a_change_is_not_told_after_it()
    {
        var (old, read) = (new TaskCompletionSource<string>(), 0);
        var reading = new Reading<string>(() => ++read == 1 ? old.Task : Task.FromResult("new"), _time);

        var asked = reading.GetAsync();
        reading.Forget();
        (await reading.GetAsync()).ShouldBe("new");
        old.SetResult("old");
        (await asked).ShouldBe("old");
        (await reading.GetAsync()).ShouldBe("new");
    }
}
