using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>A file, a folder above it and the whole project are registers of their own, and yet no two people have two that overlap.</summary>
public sealed class LockOverlapTests
{
    private readonly LockStage _stage = new();
    private readonly LockPolicy _john;
    private readonly LockPolicy _sarah;

    public LockOverlapTests() => (_john, _sarah) = (_stage.Join("john").Policy, _stage.Join("sarah").Policy);

    [Theory]
    [InlineData(".", "mix/song.logicx")]
    [InlineData("mix/song.logicx", ".")]
    [InlineData("Mix", "mix/song.logicx/ProjectData")]
    [InlineData("mix/song.logicx/ProjectData", "mix")]
    public async Task Who_wants_a_part_or_the_whole_of_what_another_has_hears_who_that_is(string theirs, string mine)
    {
        await Acquire(_sarah, theirs);

        var conflict = (await Acquire(_john, mine)).ShouldBeOfType<LockAnswer.Conflict>();

        conflict.Holder.Key.ShouldBe(ResourceKey.Of(theirs));
        _stage.Store.History(ResourceKey.Of(mine)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("mix", "mixer/song.logicx")]
    [InlineData("mix/a.wav", "mix/b.wav")]
    public async Task What_only_looks_alike_does_not_overlap(string theirs, string mine)
    {
        await Acquire(_sarah, theirs);
        (await Acquire(_john, mine)).ShouldBeOfType<LockAnswer.Acquired>();
    }

    [Fact]
    public async Task Ones_own_locks_and_those_that_are_over_exclude_nothing()
    {
        await Acquire(_john, "mix");
        (await Acquire(_john, "mix/a.wav")).ShouldBeOfType<LockAnswer.Acquired>();
        _stage.Time.Advance(TimeSpan.FromHours(5));
        (await Acquire(_sarah, ".")).ShouldBeOfType<LockAnswer.Conflict>();
        _stage.Time.Advance(TimeSpan.FromMinutes(2));
        (await Acquire(_sarah, ".")).ShouldBeOfType<LockAnswer.Acquired>();
    }

    [Fact]
    public async Task A_lock_that_overlaps_one_taken_at_the_same_moment_is_given_back_and_tried_again()
    {
        _stage.Store.BeforeWrite = () => Acquire(_sarah, ".");

        var failed = (await Acquire(_john, "mix", "acquire_1")).ShouldBeOfType<LockAnswer.Failed>();

        failed.Failure.Category.ShouldBe(FailureCategory.Contention);
        _stage.Store.History(ResourceKey.Of("mix"))[^1].State.ShouldBe(LockState.Released);
        (await Acquire(_john, "mix", "acquire_1")).ShouldBeOfType<LockAnswer.Conflict>();
        await _sarah.ReleaseAsync(new ReleaseRequest(ResourceKey.Of(".")), "release_1", default);
        (await Acquire(_john, "mix", "acquire_1")).ShouldBeOfType<LockAnswer.Acquired>();
    }

    private Task<LockAnswer> Acquire(LockPolicy who, string path, string? id = null) =>
        who.AcquireAsync(new AcquireRequest(ResourceKey.Of(path), TimeSpan.FromHours(4)), id ?? _stage.NextId(), default);
}
