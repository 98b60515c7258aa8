using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>The table of transitions, row by row.</summary>
public sealed class LockTransitionTests
{
    private readonly LockStage _stage = new();
    private readonly LockStage.Clone _john;
    private readonly LockStage.Clone _sarah;

    public LockTransitionTests() => (_john, _sarah) = (_stage.Join("john"), _stage.Join("sarah"));

    [Fact]
    public async Task A_free_lock_is_taken_with_one_write_and_its_lease_counts_from_now()
    {
        var answer = (await _john.Acquire(TimeSpan.FromHours(4))).ShouldBeOfType<LockAnswer.Acquired>();

        _stage.Store.Writes.ShouldBe(1);
        _stage.Record.ShouldBe(answer.Lock.Record);
        (_stage.Record.Epoch, _stage.Record.Seq, _stage.Record.TtlSeconds).ShouldBe((1, 1, 14_400));
        _stage.Record.ExpiresAt.ShouldBe(_stage.Time.GetUtcNow() + TimeSpan.FromHours(4));
        (answer.Lock.IsMine, answer.Lock.Standing, answer.Lock.Remaining).ShouldBe((true, LockStanding.Held, TimeSpan.FromHours(4)));
        answer.Lock.SafeFor.ShouldBe(TimeSpan.FromHours(4) - TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task What_another_holds_is_a_conflict_that_names_its_holder_and_the_moment_of_a_takeover()
    {
        await _john.Acquire(TimeSpan.FromHours(4));

        var conflict = (await _sarah.Acquire()).ShouldBeOfType<LockAnswer.Conflict>();

        conflict.Holder.Record!.Owner.ShouldBe(_john.Me);
        conflict.Holder.TakeoverFrom.ShouldBe(_stage.Time.GetUtcNow() + TimeSpan.FromHours(4) + TimeSpan.FromMinutes(5));
        _stage.Store.Writes.ShouldBe(1);
    }

    [Fact]
    public async Task Its_holder_has_it_already_and_nothing_is_sent_unless_the_asked_lease_ends_later()
    {
        var first = (await _john.Acquire(TimeSpan.FromHours(4))).ShouldBeOfType<LockAnswer.Acquired>();
        (await _john.Acquire(TimeSpan.FromHours(4))).ShouldBeOfType<LockAnswer.AlreadyMine>();
        (await _john.Acquire(TimeSpan.FromHours(1))).ShouldBeOfType<LockAnswer.AlreadyMine>();
        _stage.Store.Writes.ShouldBe(1);

        var longer = (await _john.Acquire(TimeSpan.FromHours(8))).ShouldBeOfType<LockAnswer.AlreadyMine>();
        longer.Lock.Remaining.ShouldBe(TimeSpan.FromHours(8));
        (longer.Lock.Record!.LockId, longer.Lock.Record.Epoch).ShouldBe((first.Lock.Record!.LockId, 1));
        _stage.Store.Writes.ShouldBe(2);
    }

    [Fact]
    public async Task Its_holder_may_say_something_else_with_it_and_shortens_nothing()
    {
        await _john.Acquire(TimeSpan.FromHours(4));
        var end = _stage.Record.ExpiresAt;
        var asked = new AcquireRequest(_stage.Key, TimeSpan.FromHours(1)) { Message = "the bridge", Heartbeat = TimeSpan.FromMinutes(10) };

        (await _john.Policy.AcquireAsync(asked, "acquire_9", default)).ShouldBeOfType<LockAnswer.AlreadyMine>();
        (await _john.Policy.AcquireAsync(asked, "acquire_10", default)).ShouldBeOfType<LockAnswer.AlreadyMine>();

        (_stage.Record.Message, _stage.Record.HeartbeatSeconds, _stage.Record.ExpiresAt, _stage.Store.Writes).ShouldBe(("the bridge", 600, end, 2));
    }

    [Fact]
    public async Task A_released_lock_is_free_and_the_epoch_goes_on()
    {
        await _john.Acquire();
        (await _john.Release()).ShouldBeOfType<LockAnswer.Released>();
        (await _john.Release()).ShouldBeOfType<LockAnswer.AlreadyReleased>();

        await _sarah.Acquire();
        (_stage.Record.Epoch, _stage.Record.Seq, _stage.Record.Previous!.Owner).ShouldBe((2, 3, _john.Me));
    }

    [Fact]
    public async Task The_moment_at_which_a_lock_ended_stands_in_its_record()
    {
        await _john.Acquire();
        _stage.Time.Advance(TimeSpan.FromHours(1));
        await _john.Release();
        _stage.Record.RenewedAt.ShouldBe(_stage.Time.GetUtcNow());
        await _john.Acquire();
        _stage.Time.Advance(TimeSpan.FromHours(1));
        await _sarah.Break(_stage.Record.LockId);
        _stage.Record.RenewedAt.ShouldBe(_stage.Time.GetUtcNow());
    }

    [Fact]
    public async Task Renewal_keeps_the_tenure_and_moves_the_end()
    {
        var first = await Taken(_john);
        _stage.Time.Advance(TimeSpan.FromHours(1));

        (await _john.Renew()).ShouldBeOfType<LockAnswer.Renewed>().Lock.Remaining.ShouldBe(TimeSpan.FromHours(4));
        (await _john.Renew(TimeSpan.FromHours(2))).ShouldBeOfType<LockAnswer.Renewed>().Lock.Remaining.ShouldBe(TimeSpan.FromHours(2));
        (await _john.Renew(TimeSpan.FromHours(2), adds: true)).ShouldBeOfType<LockAnswer.Renewed>().Lock.Remaining.ShouldBe(TimeSpan.FromHours(4));
        (_stage.Record.LockId, _stage.Record.Epoch, _stage.Record.AcquiredAt).ShouldBe((first, 1, _stage.Time.GetUtcNow() - TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task A_renewal_without_a_lease_never_brings_the_end_nearer()
    {
        await Taken(_john);
        await _john.Renew(TimeSpan.FromHours(4), adds: true);
        var end = _stage.Record.ExpiresAt;
        _stage.Time.JumpWallClock(-TimeSpan.FromHours(2));

        await _john.Renew();
        _stage.Record.ExpiresAt.ShouldBe(end);
    }

    [Fact]
    public async Task A_renewal_after_the_lease_is_over_succeeds_and_says_so_while_nobody_took_the_lock()
    {
        await Taken(_john);
        _stage.Time.Advance(TimeSpan.FromHours(5));

        (await _john.Renew()).ShouldBeOfType<LockAnswer.Renewed>().WasExpired.ShouldBeTrue();
    }

    [Fact]
    public async Task A_renewal_after_a_takeover_finds_the_lock_lost_and_never_takes_it_back()
    {
        var mine = await Taken(_john);
        await Overtake(_sarah);

        (await _john.Renew(lockId: mine)).ShouldBeOfType<LockAnswer.Lost>().Now.Record!.Owner.ShouldBe(_sarah.Me);
        _stage.Record.Owner.ShouldBe(_sarah.Me);
    }

    [Fact]
    public async Task A_break_needs_the_very_lock_that_was_seen_and_leaves_it_to_nobody()
    {
        var mine = await Taken(_john);
        (await _sarah.Break("0123456789abcdef")).ShouldBeOfType<LockAnswer.Mismatch>();

        (await _sarah.Break(mine, "on holiday")).ShouldBeOfType<LockAnswer.Broken>();
        (_stage.Record.State, _stage.Record.Epoch, _stage.Record.Owner, _stage.Record.By, _stage.Record.Reason)
            .ShouldBe((LockState.Broken, 2, _john.Me, _sarah.Me, "on holiday"));
        (await _sarah.Break(mine)).ShouldBeOfType<LockAnswer.Broken>();
        (await _sarah.Acquire()).ShouldBeOfType<LockAnswer.Acquired>();
        _stage.Record.Epoch.ShouldBe(3);
    }

    [Fact]
    public async Task A_release_and_a_renewal_after_a_break_say_that_the_lock_was_lost()
    {
        var mine = await Taken(_john);
        await _sarah.Break(mine);

        (await _john.Release()).ShouldBeOfType<LockAnswer.Lost>();
        (await _john.Release(mine)).ShouldBeOfType<LockAnswer.Lost>();
        (await _john.Renew()).ShouldBeOfType<LockAnswer.Lost>();
        _stage.Record.State.ShouldBe(LockState.Broken);
    }

    [Fact]
    public async Task A_release_never_touches_the_lock_that_a_third_person_holds_now()
    {
        var mine = await Taken(_john);
        await _sarah.Break(mine);
        var third = _stage.Join("mia");
        await third.Acquire();

        (await _john.Release(mine)).ShouldBeOfType<LockAnswer.Lost>();
        (await _john.Release()).ShouldBeOfType<LockAnswer.NotHeld>();
        (await _john.Release(_stage.Record.LockId)).ShouldBeOfType<LockAnswer.NotHeld>();
        (_stage.Record.State, _stage.Record.Owner).ShouldBe((LockState.Held, third.Me));
    }

    [Fact]
    public async Task A_break_that_is_overtaken_by_a_new_tenure_leaves_that_alone()
    {
        var mine = await Taken(_john);
        _stage.Store.BeforeWrite = async () =>
        {
            await _john.Release();
            await _john.Acquire();
        };

        (await _sarah.Break(mine)).ShouldBeOfType<LockAnswer.Mismatch>();
        (_stage.Record.State, _stage.Record.Owner).ShouldBe((LockState.Held, _john.Me));
    }

    [Fact]
    public async Task An_old_tenure_s_id_is_not_taken_for_the_new_one()
    {
        var old = await Taken(_john);
        await _john.Release();
        (await _john.Release("0123456789abcdef")).ShouldBeOfType<LockAnswer.Mismatch>();
        await _john.Acquire();

        foreach (var answer in new[] { await _john.Release(old), await _john.Renew(lockId: old), await _john.Guard(old) })
            answer.ShouldBeOfType<LockAnswer.Mismatch>();
        _stage.Record.State.ShouldBe(LockState.Held);
    }

    [Fact]
    public async Task Nothing_can_be_done_with_a_lock_that_never_was()
    {
        foreach (var answer in new[] { await _john.Release(), await _john.Renew(), await _john.Break("0123456789abcdef"), await _john.Guard() })
            answer.ShouldBeOfType<LockAnswer.NotHeld>();
        (await _john.Look()).Standing.ShouldBe(LockStanding.Free);
        _stage.Store.Writes.ShouldBe(0);
    }

    [Fact]
    public async Task Own_is_what_this_clone_of_this_machine_wrote_whatever_the_names_say()
    {
        await Taken(_john);
        foreach (var other in new[] { _john.Me with { CloneId = "another" }, _john.Me with { MachineId = "another" } })
        {
            var policy = new LockPolicy(_stage.Store, new MemorySightings(_stage.Time), other, _stage.Options, _stage.Time);
            (await policy.AcquireAsync(new AcquireRequest(_stage.Key, TimeSpan.FromHours(1)), _stage.NextId(), default)).ShouldBeOfType<LockAnswer.Conflict>();
        }

        var renamed = new LockPolicy(_stage.Store, new MemorySightings(_stage.Time), _john.Me with { User = "JOHN", Name = "J." }, _stage.Options, _stage.Time);
        (await renamed.AcquireAsync(new AcquireRequest(_stage.Key, TimeSpan.FromHours(1)), _stage.NextId(), default)).ShouldBeOfType<LockAnswer.AlreadyMine>();
    }

    [Fact]
    public async Task A_store_without_leases_keeps_a_lock_until_it_is_released_and_says_so()
    {
        var stage = new LockStage { Store = new MemoryLockStore { Capabilities = LockCapabilities.AtomicCas | LockCapabilities.Paths } };
        var (john, sarah) = (stage.Join("john"), stage.Join("sarah"));
        await john.Acquire(TimeSpan.FromHours(1));
        stage.Time.Advance(TimeSpan.FromDays(30));

        (await john.Acquire(TimeSpan.FromHours(9))).ShouldBeOfType<LockAnswer.AlreadyMine>().Lock.Remaining.ShouldBeNull();
        (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Conflict>().Holder.TakeoverFrom.ShouldBeNull();
        (await john.Renew()).ShouldBeOfType<LockAnswer.Failed>().Failure.Message.ShouldContain("no leases");
        stage.Store.Writes.ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(367 * 86_400)]
    public async Task A_lease_out_of_range_is_refused_before_anything_is_sent(int seconds)
    {
        var refusal = await Should.ThrowAsync<PosthouseException>(() => _john.Acquire(TimeSpan.FromSeconds(seconds)));
        refusal.Code.ShouldBe(ErrorCodes.OptionsInvalid);
    }

    private static async Task<string> Taken(LockStage.Clone clone) => (await clone.Acquire()).ShouldBeOfType<LockAnswer.Acquired>().Lock.Record!.LockId;

    private async Task Overtake(LockStage.Clone clone)
    {
        _stage.Time.Advance(TimeSpan.FromHours(5));
        (await clone.Acquire()).ShouldBeOfType<LockAnswer.Conflict>();
        _stage.Time.Advance(TimeSpan.FromSeconds(61));
        (await clone.Acquire()).ShouldBeOfType<LockAnswer.Acquired>().TookOver!.Owner.ShouldBe(_john.Me);
    }
}
