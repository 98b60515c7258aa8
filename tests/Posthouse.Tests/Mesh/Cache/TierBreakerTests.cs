using Posthouse.Mesh.Cache;

namespace Posthouse.Tests.Mesh.Cache;

public sealed class TierBreakerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly TierBreaker _breaker;

    public TierBreakerTests() => _breaker = new TierBreaker(_time);

    [Fact]
    public void Three_failures_within_ten_seconds_open_it()
    {
        Fail().ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(4));
        Fail().ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(5));
        Fail().ShouldBeTrue();
        _breaker.TryEnter().ShouldBeFalse();
    }

    [Fact]
    public void Failures_that_are_far_apart_do_not()
    {
        for (var count = 0; count < 20; count++)
        {
            Fail().ShouldBeFalse();
            _time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    [Fact]
    public void A_success_in_between_begins_the_count_anew()
    {
        Fail();
        Fail();
        _breaker.Succeeded();
        Fail();
        Fail().ShouldBeFalse();
    }

    [Fact]
    public void After_five_seconds_one_call_tries_and_its_success_closes_it()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        _breaker.TryEnter().ShouldBeFalse();
        _time.Advance(TimeSpan.FromTicks(1));
        _breaker.TryEnter().ShouldBeTrue();
        _breaker.TryEnter().ShouldBeFalse("only one tries");
        _breaker.Succeeded().ShouldBeTrue();
        _breaker.TryEnter().ShouldBeTrue();
    }

    [Fact]
    public void A_failure_of_the_trying_call_opens_it_for_five_seconds_more()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        Fail().ShouldBeFalse("it was open before");
        _time.Advance(TimeSpan.FromSeconds(4));
        _breaker.TryEnter().ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        _breaker.TryEnter().ShouldBeTrue();
    }

    [Fact]
    public void A_trying_caller_that_goes_away_leaves_the_try_to_the_next()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        _breaker.TryEnter().ShouldBeTrue();
        _breaker.Abandoned();
        _breaker.TryEnter().ShouldBeTrue();
    }

    [Fact]
    public void A_late_answer_from_before_it_opened_does_not_close_it()
    {
        Open();
        _breaker.Succeeded().ShouldBeFalse();
        _breaker.TryEnter().ShouldBeFalse();
    }

    private void Open()
    {
        for (var count = 0; count < TierBreaker.MaxFailures; count++)
            Fail();
        _breaker.State.ShouldBe(TierState.Open);
    }

    private bool Fail()
    {
        _breaker.TryEnter().ShouldBeTrue();
        return _breaker.Failed();
    }
}
