using Posthouse.Cli.Commands;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>What is said of a lock by what this clone had, and by what is there.</summary>
public sealed class RememberedLockTests : IDisposable
{
    private static readonly ResourceKey _key = ResourceKey.Of("song.logicx");

    private readonly ProjectStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_lock_that_was_broken_and_taken_by_another_is_lost_until_it_is_given_up()
    {
        await using var site = await _stage.OpenAsync([]);
        await site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), default);
        _stage.TakenByAnother();

        var push = await site.PerformAsync(ProjectStage.Push(), ForegroundBudget.Push(site.Configuration), default);
        var again = await site.PerformAsync(ProjectStage.Push(), ForegroundBudget.Push(site.Configuration), default);
        var renew = await LockRenewCommand.RenewAsync(site, new LockDesk(site), new RenewLock(ProjectStage.Clone, "song.logicx", 3_600), default);

        (push.Failure!.Code, again.Failure!.Code, renew.Status).ShouldBe((VcsErrors.LockLost, VcsErrors.LockLost, "lost"));
        push.Failure.Message.ShouldBe("The lock of song.logicx is not yours any more: eve@laptop (John) has it.");
        push.Failure.Hint!.ShouldContain("'posthouse lock release'");
        (await ReleaseAsync(site)).Status.ShouldBe("lost");
        (await site.PerformAsync(ProjectStage.Push() with { Branch = "side" }, ForegroundBudget.Push(site.Configuration), default)).Failure?.Code.ShouldNotBe(VcsErrors.LockLost);
    }

    [Fact]
    public async Task Whoever_names_a_lock_by_an_id_that_it_never_had_is_not_told_that_he_lost_it()
    {
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);

        var release = await ReleaseAsync(site, "deadbeef");
        var renew = await site.PerformAsync(new RenewLock(ProjectStage.Clone, "song.logicx", 3_600, LockId: "deadbeef"), ForegroundBudget.Renew(site.Configuration), default);

        (release.ExitCode, release.Error!.Code, renew.Failure!.Code).ShouldBe((ExitCodes.LockConflict, VcsErrors.LockIdMismatch, VcsErrors.LockIdMismatch));
        release.Error.Message.ShouldBe("The lock of song.logicx is not the one that was named: eve@laptop (John) has it.");
    }

    [Fact]
    public async Task A_commit_counts_as_unpushed_in_whatever_accents_it_spells_the_locked_name()
    {
        var (one, two) = (new string('1', 40), new string('2', 40));
        _stage.Git = call => call.Arguments[0] switch
        {
            "rev-list" => new GitResult(0, System.Text.Encoding.UTF8.GetBytes($"{one}\n{two}\n"), ""),
            "diff-tree" => new GitResult(0, System.Text.Encoding.UTF8.GetBytes($"{one}\0Cafe\u0301/a.txt\0CAFE\u0301/b.txt\0{two}\0other.txt\0"), ""),
            _ => null,
        };
        await using var site = await _stage.OpenAsync([]);

        (await Unpushed.CountAsync(site, ResourceKey.Of("Caf\u00e9"), default)).ShouldBe(1);
        (await Unpushed.CountAsync(site, ResourceKey.Of("."), default)).ShouldBe(2);
        (await Unpushed.CountAsync(site, ResourceKey.Of("third.txt"), default)).ShouldBe(0);
    }

    private static Task<VerbEnd> ReleaseAsync(ProjectSite site, string? lockId = null) =>
        LockReleaseCommand.ReleaseAsync(site, new LockDesk(site), _key, lockId, leaveUnpushed: true, default);
}
