using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>An operation that is run again does its work once; one that is overtaken decides anew.</summary>
public sealed class LockRepetitionTests
{
    private readonly LockStage _stage = new();
    private readonly LockStage.Clone _john;
    private readonly LockStage.Clone _sarah;

    public LockRepetitionTests() => (_john, _sarah) = (_stage.Join("john"), _stage.Join("sarah"));

    [Theory]
    [InlineData(nameof(WriteFault.AnswerLost))]
    [InlineData(nameof(WriteFault.RequestLost))]
    public async Task Each_operation_repeated_after_a_lost_answer_is_done_once(string fault)
    {
        var lockId = await Twice<LockAnswer.Acquired>(fault, id => _john.Acquire(id: id)) is { } taken ? taken.Lock.Record!.LockId : "";
        await Twice<LockAnswer.Renewed>(fault, id => _john.Renew(TimeSpan.FromHours(1), adds: true, id: id));
        _stage.Record.ExpiresAt.ShouldBe(_stage.Time.GetUtcNow() + TimeSpan.FromHours(5));
        await Twice<LockAnswer.Released>(fault, id => _john.Release(lockId, id));
        await _john.Acquire();
        await Twice<LockAnswer.Broken>(fault, id => _sarah.Break(_stage.Record.LockId, id: id));
        _stage.Store.History(_stage.Key).Count.ShouldBe(5);
    }

    [Fact]
    public async Task An_addition_whose_answer_was_lost_adds_nothing_again_though_the_lock_was_renewed_after_it()
    {
        await _john.Acquire(TimeSpan.FromHours(4));
        var addition = new RenewRequest(_stage.Key, TimeSpan.FromHours(2), Adds: true) { Until = _stage.Record.ExpiresAt + TimeSpan.FromHours(2) };
        _stage.Store.Fail(WriteFault.AnswerLost);
        (await _john.Policy.RenewAsync(addition, "renew_1", default)).ShouldBeOfType<LockAnswer.Unknown>();
        await _john.Renew();

        (await _john.Policy.RenewAsync(addition, "renew_1", default)).ShouldBeOfType<LockAnswer.Renewed>();

        _stage.Record.ExpiresAt.ShouldBe(_stage.Time.GetUtcNow() + TimeSpan.FromHours(6));
    }

    [Fact]
    public async Task A_renewal_that_is_repeated_much_later_renews()
    {
        await _john.Acquire(TimeSpan.FromHours(4));
        await _john.Renew(TimeSpan.FromHours(4), id: "renew_1");
        _stage.Time.Advance(TimeSpan.FromHours(3));

        (await _john.Renew(TimeSpan.FromHours(4), id: "renew_1")).ShouldBeOfType<LockAnswer.Renewed>().Lock.Remaining.ShouldBe(TimeSpan.FromHours(4));
    }

    [Fact]
    public async Task What_was_refused_is_a_failure_and_changed_nothing()
    {
        _stage.Store.Fail(WriteFault.Refused);
        (await _john.Acquire()).ShouldBeOfType<LockAnswer.Failed>().Failure.Category.ShouldBe(FailureCategory.Forbidden);
        _stage.Store.History(_stage.Key).ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_two_who_read_the_same_free_register_one_wins_and_the_other_hears_who()
    {
        _stage.Store.BeforeWrite = () => _sarah.Acquire();
        (await _john.Acquire()).ShouldBeOfType<LockAnswer.Conflict>().Holder.Record!.Owner.ShouldBe(_sarah.Me);
        _stage.Store.History(_stage.Key).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_lost_race_is_decided_anew_with_another_id_and_may_still_be_won()
    {
        await _sarah.Acquire();
        await _sarah.Release();
        _stage.Store.BeforeWrite = async () =>
        {
            await _sarah.Acquire();
            await _sarah.Release();
        };
        (await _john.Acquire(id: "acquire_7")).ShouldBeOfType<LockAnswer.Acquired>();
        (_stage.Record.OpId, _stage.Record.Seq, _stage.Record.Epoch).ShouldBe(("acquire_7/5", 5, 3));
    }

    [Fact]
    public async Task After_five_lost_races_in_a_row_it_is_left_for_later()
    {
        Task Disturb()
        {
            _stage.Store.BeforeWrite = null;
            return Touch();
        }

        async Task Touch()
        {
            await _sarah.Acquire();
            await _sarah.Release();
            _stage.Store.BeforeWrite = Disturb;
        }

        _stage.Store.BeforeWrite = Disturb;
        var failed = (await _john.Acquire()).ShouldBeOfType<LockAnswer.Failed>();
        failed.Failure.Category.ShouldBe(FailureCategory.Contention);
        _stage.Store.History(_stage.Key).Count.ShouldBe(2 * LockPolicy.MaxRounds);
    }

    [Fact]
    public async Task A_renewal_that_meets_a_break_between_read_and_write_is_lost()
    {
        await _john.Acquire();
        var lockId = _stage.Record.LockId;
        _stage.Store.BeforeWrite = () => _sarah.Break(lockId);
        (await _john.Renew()).ShouldBeOfType<LockAnswer.Lost>();
        _stage.Record.State.ShouldBe(LockState.Broken);
    }

    [Fact]
    public async Task An_acquire_that_comes_true_much_later_still_gets_its_whole_lease()
    {
        _stage.Store.Fail(WriteFault.AnswerLost);
        (await _john.Acquire(TimeSpan.FromHours(4), "acquire_1")).ShouldBeOfType<LockAnswer.Unknown>();
        var lockId = _stage.Record.LockId;
        _stage.Time.Advance(TimeSpan.FromHours(3));

        var taken = (await _john.Acquire(TimeSpan.FromHours(4), "acquire_1")).ShouldBeOfType<LockAnswer.Acquired>();
        (taken.Lock.Remaining, taken.Lock.Record!.LockId).ShouldBe((TimeSpan.FromHours(4), lockId));
    }

    [Fact]
    public async Task Two_clones_that_use_one_operation_s_id_do_not_both_believe_to_have_it()
    {
        await _john.Acquire(id: "acquire_1");
        (await _sarah.Acquire(id: "acquire_1")).ShouldBeOfType<LockAnswer.Conflict>();
        (await _sarah.Release(id: "acquire_1")).ShouldBeOfType<LockAnswer.NotHeld>();
    }

    [Fact]
    public void An_operation_s_id_is_no_prefix_of_another_s()
    {
        var record = LockSamples.Held with { OpId = LockProtocol.OpIdOf("acquire_12", 3) };
        LockProtocol.IsBy(record, "acquire_12").ShouldBeTrue();
        LockProtocol.IsBy(record, "acquire_1").ShouldBeFalse();
        LockProtocol.LockIdOf("a/1").ShouldNotBe(LockProtocol.LockIdOf("a/2"));
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_here_is_left_alone()
    {
        var store = new UnreadableStore();
        var policy = new LockPolicy(store, new MemorySightings(_stage.Time), _john.Me, _stage.Options, _stage.Time);
        var answers = new[]
        {
            await policy.AcquireAsync(new AcquireRequest(_stage.Key, TimeSpan.FromHours(1)), "a", default),
            await policy.RenewAsync(new RenewRequest(_stage.Key, null), "b", default),
            await policy.ReleaseAsync(new ReleaseRequest(_stage.Key), "c", default),
            await policy.BreakAsync(new BreakRequest(_stage.Key, "0123456789abcdef"), "d", default),
            await policy.GuardAsync(_stage.Key, null, "e", default),
        };
        foreach (var answer in answers)
            answer.ShouldBeOfType<LockAnswer.Failed>().Failure.Message.ShouldContain("newer version");
    }

    private async Task<T> Twice<T>(string fault, Func<string, Task<LockAnswer>> operation)
        where T : LockAnswer
    {
        var id = _stage.NextId();
        _stage.Store.Fail(Enum.Parse<WriteFault>(fault));
        (await operation(id)).ShouldBeOfType<LockAnswer.Unknown>();
        return (await operation(id)).ShouldBeOfType<T>();
    }

    private sealed class UnreadableStore : ILockStore
    {
        public LockCapabilities Capabilities => LockCapabilities.AtomicCas | LockCapabilities.Expiry | LockCapabilities.Renewal;

        public ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken) => new(new LockSnapshot(key, new VersionToken("9"), null));

        public IAsyncEnumerable<LockSnapshot> ListAsync(CancellationToken cancellationToken) => throw new InvalidOperationException();

        public ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("a record that cannot be read was overwritten");
    }
}
