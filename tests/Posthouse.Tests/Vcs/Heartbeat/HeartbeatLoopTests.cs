using Posthouse.Vcs;
using Posthouse.Vcs.Heartbeat;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Heartbeat;

/// <summary>When a kept lock is renewed, and when it is left alone.</summary>
public sealed class HeartbeatLoopTests : IDisposable
{
    private readonly HeartbeatStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_lock_is_renewed_at_once_and_then_about_every_ten_minutes()
    {
        await _stage.KeepAsync();
        await _stage.PassAsync(TimeSpan.FromHours(5));

        _stage.Beats.ShouldBeInRange(28, 34);
        var renewals = _stage.Locks.Store.History(_stage.Locks.Key).Skip(1).Select(record => record.RenewedAt).ToList();
        var gaps = renewals.Zip(renewals.Skip(1), (from, to) => to - from).ToList();
        gaps.ShouldAllBe(gap => gap >= TimeSpan.FromMinutes(9) && gap <= TimeSpan.FromMinutes(11));
        gaps.Distinct().Count().ShouldBeGreaterThan(gaps.Count / 2);
        (await _stage.Locks.Join("sarah").Acquire()).ShouldBeOfType<LockAnswer.Conflict>().Holder.Standing.ShouldBe(LockStanding.Held);
    }

    [Fact]
    public async Task A_short_lease_is_renewed_three_times_as_often_as_it_ends()
    {
        await _stage.KeepAsync(TimeSpan.FromMinutes(9));
        await _stage.PassAsync(TimeSpan.FromMinutes(30));
        _stage.Beats.ShouldBeInRange(9, 12);
    }

    [Fact]
    public async Task A_lost_lock_is_told_once_and_never_touched_again()
    {
        await _stage.KeepAsync();
        await _stage.PassAsync(TimeSpan.FromMinutes(1));
        await _stage.Locks.Join("sarah").Break(_stage.Locks.Record.LockId);
        await _stage.PassAsync(TimeSpan.FromHours(1));

        _stage.Beats.ShouldBe(2);
        _stage.Events.Where(e => e.Kind == HeartbeatEventKind.Ended).ShouldHaveSingleItem().Text.ShouldStartWith("LOST:");
        (await _stage.Loop.TickAsync(default)).ShouldBeNull();
        _stage.Folder.Kept().ShouldBeEmpty();
        _stage.Folder.Status()!.Locks.ShouldHaveSingleItem().End.ShouldBe(HeartbeatEnd.Lost);
    }

    [Fact]
    public async Task A_takeover_between_two_beats_is_a_loss_and_a_release_is_none()
    {
        await _stage.KeepAsync();
        await _stage.PassAsync(TimeSpan.FromMinutes(1));
        await _stage.John.Release();
        await _stage.PassAsync(TimeSpan.FromMinutes(15));
        _stage.Folder.Status()!.Locks[0].End.ShouldBe(HeartbeatEnd.Released);

        await _stage.KeepAsync();
        await _stage.PassAsync(TimeSpan.FromMinutes(1));
        var sarah = _stage.Locks.Join("sarah");
        await sarah.Break(_stage.Locks.Record.LockId);
        await sarah.Acquire();
        await _stage.PassAsync(TimeSpan.FromMinutes(15));
        _stage.Folder.Status()!.Locks[^1].End.ShouldBe(HeartbeatEnd.Lost);
        _stage.Locks.Record.Owner.ShouldBe(sarah.Me);
    }

    [Fact]
    public async Task It_ends_after_the_longest_hold_and_when_somebody_says_so()
    {
        await _stage.KeepAsync();
        await _stage.PassAsync(TimeSpan.FromHours(13));
        _stage.Folder.Status()!.Locks[0].End.ShouldBe(HeartbeatEnd.MaxHold);
        var beats = _stage.Beats;
        await _stage.PassAsync(TimeSpan.FromHours(1));
        _stage.Beats.ShouldBe(beats);

        var kept = await _stage.KeepAsync(TimeSpan.FromHours(9));
        await _stage.PassAsync(TimeSpan.FromMinutes(1));
        _stage.Beats.ShouldBe(beats + 1);
        _stage.Folder.Drop(kept);
        (await _stage.Loop.TickAsync(default)).ShouldBeNull();
        _stage.Folder.Status()!.Locks[^1].End.ShouldBe(HeartbeatEnd.Stopped);
    }

    [Fact]
    public async Task It_ends_with_the_process_that_it_is_for_and_a_new_one_of_the_same_number_is_another()
    {
        await _stage.KeepAsync(process: WatchedProcess.Of(Environment.ProcessId));
        await _stage.PassAsync(TimeSpan.FromMinutes(1));
        _stage.Beats.ShouldBe(1);

        await _stage.KeepAsync(process: new WatchedProcess(Environment.ProcessId, "an earlier one"));
        await _stage.PassAsync(TimeSpan.FromMinutes(30));
        _stage.Beats.ShouldBe(1);
        _stage.Folder.Status()!.Locks[0].End.ShouldBe(HeartbeatEnd.ProcessEnded);
    }

    [Fact]
    public async Task Offline_it_tries_each_minute_warns_at_half_and_at_four_fifths_and_renews_when_the_network_is_back()
    {
        await _stage.KeepAsync(TimeSpan.FromHours(2));
        await _stage.PassAsync(TimeSpan.FromMinutes(1));
        _stage.Failure = new RemoteFailure(FailureCategory.Network, "no route");
        await _stage.PassAsync(TimeSpan.FromMinutes(130));

        _stage.Events.Count(e => e.Kind == HeartbeatEventKind.Failed).ShouldBe(1);
        _stage.Events.Where(e => e.Kind == HeartbeatEventKind.Warning).Select(e => e.Text[..4]).ShouldBe(["50 %", "80 %", "The "]);
        _stage.Beats.ShouldBeInRange(100, 140);

        _stage.Failure = null;
        await _stage.PassAsync(TimeSpan.FromMinutes(2));
        _stage.Events[^1].Text.ShouldContain("was over and is renewed");
        _stage.Folder.Status()!.Locks[0].ShouldSatisfyAllConditions(state => state.Failures.ShouldBe(0), state => state.Warned.ShouldBe(0), state => state.LastError.ShouldBeNull());
    }

    [Fact]
    public async Task A_far_side_that_asks_to_be_left_alone_is_left_alone()
    {
        await _stage.KeepAsync();
        _stage.Failure = new RemoteFailure(FailureCategory.RateLimit, "slow down") { RetryAfter = TimeSpan.FromMinutes(20) };
        await _stage.PassAsync(TimeSpan.FromMinutes(19));
        _stage.Beats.ShouldBe(1);
    }

    [Fact]
    public async Task After_a_standby_it_looks_at_once_and_leaves_alone_what_was_taken_over()
    {
        await _stage.KeepAsync();
        await _stage.PassAsync(TimeSpan.FromMinutes(1));
        var sarah = _stage.Locks.Join("sarah");
        await sarah.Break(_stage.Locks.Record.LockId);
        await sarah.Acquire();
        _stage.Time.JumpWallClock(TimeSpan.FromHours(6));
        await _stage.Loop.TickAsync(default);

        _stage.Beats.ShouldBe(2);
        _stage.Events.Select(e => e.Kind).ShouldBe([HeartbeatEventKind.Renewed, HeartbeatEventKind.Resumed, HeartbeatEventKind.Ended]);
        _stage.Locks.Record.Owner.ShouldBe(sarah.Me);
    }

    [Fact]
    public async Task The_loop_itself_rests_between_beats_and_ends_when_nothing_is_left()
    {
        var kept = await _stage.KeepAsync();
        using var ended = new CancellationTokenSource(TimeSpan.FromSeconds(60)); // Only a loop that never rests or never ends meets it.
        var running = Task.Run(() => _stage.Loop.RunAsync(ended.Token));
        while (_stage.Beats < 4 && !running.IsCompleted)
            await StepAsync();
        _stage.Time.GetUtcNow().ShouldBeGreaterThan(kept.Since + TimeSpan.FromMinutes(26));
        _stage.Folder.Drop(kept);
        while (!running.IsCompleted)
            await StepAsync();
        await running;

        async Task StepAsync()
        {
            while (_stage.Time.PendingTimers == 0 && !running.IsCompleted)
                await Task.Yield();
            _stage.Time.Advance(_stage.Options.Poll);
        }
    }

    [Fact]
    public void One_heartbeat_runs_for_a_user()
    {
        _stage.Folder.IsRunning().ShouldBeFalse();
        using (_stage.Folder.TryBegin().ShouldNotBeNull())
        {
            _stage.Folder.TryBegin().ShouldBeNull();
            _stage.Folder.IsRunning().ShouldBeTrue();
        }

        _stage.Folder.IsRunning().ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_kept_and_how_it_goes_is_read_by_other_processes()
    {
        var kept = await _stage.KeepAsync(process: WatchedProcess.Of(Environment.ProcessId));
        await _stage.PassAsync(TimeSpan.FromMinutes(1));

        _stage.Folder.Kept().ShouldBe([kept]);
        var status = _stage.Folder.Status()!;
        status.Process!.IsAlive().ShouldBeTrue();
        status.Locks.ShouldHaveSingleItem().ShouldSatisfyAllConditions(state => state.Lock.ShouldBe(kept), state => state.ExpiresAt.ShouldBe(_stage.Locks.Record.ExpiresAt));
        _stage.Folder.Drop(kept with { LockId = "another" });
        _stage.Folder.Kept().ShouldBe([kept]);
    }
}
