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
        renew.Error!.Hint!.ShouldContain("'posthouse lock release \"song.logicx\"' gives this one up");
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
    public async Task Giving_back_what_was_never_locked_shows_no_lock_and_asks_for_the_spelling()
    {
        await using var site = await _stage.OpenAsync([]);

        var end = await ReleaseAsync(site);

        (end.Status, end.ExitCode).ShouldBe(("nothing_held", ExitCodes.Done));
        end.Warnings.ShouldHaveSingleItem().ShouldBe("Nothing is at 'song.logicx' here: check how it is spelled.");
        new Envelope("lock release", end.Status, 0) { Data = end.Data }.Text().ShouldNotContain("\"lock\"");

        await site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), default);
        var held = await ReleaseAsync(site);
        (held.Status, held.Warnings.Count).ShouldBe(("released", 0));
        (await ReleaseAsync(site)).Status.ShouldBe("released", "it was this clone's, so it may be said twice");
    }

    [Fact]
    public async Task A_refused_acquire_that_stays_queued_for_the_push_behind_it_says_so()
    {
        await _stage.QueueLockAndPushAsync();
        _stage.Reach = Posthouse.Vcs.Transfer.Reachability.Online;
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);

        var (end, _) = await new Acquisition(site, new LockDesk(site)).RunAsync(new AcquireWish(_key, TimeSpan.FromHours(4)), default);
        var (other, _) = await new Acquisition(site, new LockDesk(site)).RunAsync(new AcquireWish(_key, TimeSpan.FromHours(4)), default);

        var failed = (await site.Jobs.ListAsync(new JobQuery { NeedsDecision = true })).ShouldHaveSingleItem().Id;
        other.ErrorLines!.ShouldContain($"   Entry ID: {failed}");
        new Envelope("lock acquire", other.Status, 4) { Data = other.Data }.Text().ShouldContain($"\"entry_id\": \"{failed}\"");
        end.ErrorLines!.ShouldContain(line => line.StartsWith("   It stays in the queue as failed, and what waits for this lock behind it"));
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

    [Fact]
    public void A_script_whose_interpreter_is_missing_is_not_said_to_be_missing_itself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no first lines name programs there");
        var folder = Directory.CreateTempSubdirectory("posthouse-script-");
        try
        {
            var script = Path.Combine(folder.FullName, "e.sh");
            File.WriteAllText(script, "#!/nowhere/at/all\n");
            if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
            using var child = new HeldChild(() => { });

            Should.Throw<PosthouseException>(() => child.Start([script], folder.FullName, null)).Message.ShouldBe(script + ": cannot be started: the program that its first line names is not there");
            Should.Throw<PosthouseException>(() => child.Start(["./no.sh"], folder.FullName, null)).Message.ShouldBe("./no.sh: command not found");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<VerbEnd> ReleaseAsync(ProjectSite site, string? lockId = null) =>
        LockReleaseCommand.ReleaseAsync(site, new LockDesk(site), _key, lockId, leaveUnpushed: true, default);
}
