using Posthouse.Dispatch;

namespace Posthouse.Tests.Dispatch;

/// <summary>How many jobs are claimed ahead of the places that are free.</summary>
public sealed class PrefetchTests
{
    private const int Places = 10;

    private readonly Prefetch _prefetch = new(Places);

    [Fact]
    public void At_first_as_many_are_claimed_as_places_are_free()
    {
        _prefetch.Want(taken: 0).ShouldBe(10);
        _prefetch.Want(taken: 9).ShouldBe(1);
        _prefetch.Want(taken: 10).ShouldBe(0);
    }

    [Fact]
    public void Places_that_stood_idle_double_what_is_claimed_ahead_up_to_a_limit()
    {
        int[] wanted = [.. Enumerable.Range(0, 9).Select(_ => Claim(ended: _prefetch.Want(taken: 0), left: 0))];
        wanted.ShouldBe([20, 30, 50, 90, 170, 330, 650, 1_034, 1_034]);
    }

    [Fact]
    public void Long_jobs_are_claimed_one_by_one_as_places_become_free()
    {
        for (var i = 0; i < 5; i++)
        {
            Claim(ended: 1, left: 9);
            _prefetch.Want(taken: 9).ShouldBe(1);
        }
    }

    [Fact]
    public void A_claim_waits_until_half_of_what_was_claimed_ahead_has_begun()
    {
        Claim(ended: 100, left: 0);
        _prefetch.Want(taken: 61).ShouldBe(0);
        _prefetch.Want(taken: 60).ShouldBe(50);
    }

    [Fact]
    public void Jobs_that_hardly_begin_make_it_fewer_until_none_is_claimed_ahead()
    {
        Claim(ended: 200, left: 0);
        for (var i = 0; i < 30; i++)
        {
            Claim(ended: 1, left: _prefetch.Want(taken: 0));
        }

        _prefetch.Want(taken: 0).ShouldBe(10);
    }

    [Fact]
    public void A_claim_that_stood_on_an_empty_queue_says_nothing()
    {
        Claim(ended: 0, left: 0);
        _prefetch.Want(taken: 0).ShouldBe(10);
    }

    /// <summary>A claim is under way while some jobs end; answers what the next one asks for.</summary>
    private int Claim(int ended, int left)
    {
        for (var i = 0; i < ended; i++)
        {
            _prefetch.Ended();
        }

        _prefetch.Claimed(left);
        return _prefetch.Want(taken: 0);
    }
}
