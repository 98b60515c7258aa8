using System.Diagnostics;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>What <c>queue sync</c> says and does, with and without a server on the store.</summary>
public sealed class QueueSyncTests : IDisposable
{
    private readonly QueueStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Without_a_store_it_says_so_and_where_it_looked()
    {
        var (exit, output, _) = await _stage.Run("sync");

        exit.ShouldBe(0);
        output.ShouldEndWith("  There is no store here yet: nothing was ever queued.\n  Looked for posthouse.db in DATA; --data DIR names another folder.\n");
        (await _stage.Json("sync")).GetProperty("result").GetString().ShouldBe("no_store");
        Directory.Delete(_stage.Data);
        (await _stage.Run("sync")).Output.ShouldContain("Looked for the folder DATA, which does not exist");
        Directory.CreateDirectory(_stage.Data);
    }

    [Fact]
    public async Task An_empty_queue_is_in_sync()
    {
        await _stage.WithStore((_, _) => Task.CompletedTask);
        (await _stage.Run("sync")).ShouldSatisfyAllConditions(sync => sync.Exit.ShouldBe(0), sync => sync.Output.ShouldContain("[ok] Nothing is pending"));
    }

    [Fact]
    public async Task What_a_server_does_for_itself_later_is_nothing_to_sync()
    {
        new JobRegistry().AddPosthouseIvxpJobs().IsRegistered(Housekeeping.JobName).ShouldBeTrue();
        await _stage.Enqueue(QueueStage.Draft("sweep-1") with { Name = Housekeeping.JobName, NotBefore = _stage.Time.GetUtcNow().AddHours(1) });
        (await _stage.Run("sync")).ShouldSatisfyAllConditions(sync => sync.Exit.ShouldBe(0), sync => sync.Output.ShouldContain("[ok] Nothing is pending"));

        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        (await _stage.Run("sync")).Output.ShouldContain("  Pending: 1\n");
    }

    [Fact]
    public async Task Without_a_server_everything_stays_queued_and_the_verb_says_what_to_run()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        var (exit, output, _) = await _stage.Run("sync");

        exit.ShouldBe(10);
        output.ShouldContain("No server dispatches this store now");
        output.ShouldContain("posthouse serve --data \"DATA\"");
    }

    [Fact]
    public async Task A_server_that_is_gone_counts_for_nothing()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        new RunningServer("http://127.0.0.1:1", int.MaxValue, DateTimeOffset.MaxValue).Announce(_stage.Data);

        (await _stage.Run("sync")).Exit.ShouldBe(10);
    }

    [Fact]
    public async Task It_follows_the_server_until_all_that_is_due_was_tried()
    {
        AnnounceThisProcess();
        await _stage.Enqueue(QueueStage.Draft("away-1", "api.example"));
        await _stage.Settle(new Settlement(SettlementKind.Again) { Delay = TimeSpan.FromHours(1), Failure = new Failure(FailureKind.NotReached, "No route") });
        await _stage.WithStore(async (store, me) =>
        {
            var sync = _stage.Run("sync", "--max-time", "1000000");
            // The job waits for an hour; that it can be claimed now is what the verb did.
            var lease = (await Advancing(store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromSeconds(60))))).ShouldHaveSingleItem().Lease;
            await store.SettleAsync(lease, new Settlement(SettlementKind.Done) { Result = "{}"u8.ToArray() });
            var (exit, output, _) = await Advancing(sync);

            exit.ShouldBe(0);
            output.ShouldContain("  Syncing 1 pending operation(s)...\n\n[ok] Completed: mail.send to api.example (away-1)\n\nSync Results\n");
            output.ShouldEndWith("  Succeeded: 1\n  Failed: 0\n\n[ok] All operations synced successfully!\n");
        });
    }

    [Fact]
    public async Task It_ends_with_8_when_something_failed()
    {
        AnnounceThisProcess();
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        await _stage.WithStore(async (store, me) =>
        {
            var lease = (await store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromSeconds(60)))).ShouldHaveSingleItem().Lease;
            var sync = _stage.Run("sync", "--max-time", "1000000");
            await store.SettleAsync(lease, new Settlement(SettlementKind.Dead) { Reason = DeadReason.Rejected, Failure = new Failure(FailureKind.Permanent, "no") });
            var (exit, output, _) = await Advancing(sync);

            exit.ShouldBe(8);
            output.ShouldContain("[failed] Failed: mail.send (mail-1) - no");
        });
    }

    [Fact]
    public async Task It_ends_with_8_every_time_until_what_failed_is_decided_about()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        await _stage.Fail();

        (await _stage.Run("sync")).Exit.ShouldBe(8);
        (await _stage.Run("sync")).ShouldSatisfyAllConditions(again => again.Exit.ShouldBe(8), again => again.Output.ShouldContain("1 failed operation(s) need a decision"));
        await _stage.Run("discard", "mail-1");
        (await _stage.Run("sync")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task Its_word_says_with_8_that_not_all_is_in_sync()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        await _stage.Fail();

        using var document = JsonDocument.Parse((await _stage.Run("sync", "--json")).Output);
        (document.RootElement.GetProperty("ok").GetBoolean(), document.RootElement.GetProperty("status").GetString()).ShouldBe((false, "undecided"));
        QueueSyncText.Word(ExitCodes.Done, 2).ShouldBe("synced");
        QueueSyncText.Word(ExitCodes.Queued, 2).ShouldBe("queued");
        QueueSyncText.Word(ExitCodes.PartlySynced, 2).ShouldBe("partly_synced");
        QueueSyncText.Word(ExitCodes.PartlySynced, 0).ShouldBe("failed");
    }

    [Fact]
    public async Task It_gives_up_waiting_when_the_time_is_over()
    {
        AnnounceThisProcess();
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        var (exit, output, _) = await Advancing(_stage.Run("sync", "--max-time", "1"));

        exit.ShouldBe(10);
        output.ShouldContain("1 operation(s) remain queued");
    }

    [Fact]
    public async Task It_waits_for_purchases_that_become_due_in_its_time_and_ends_with_8_while_one_that_failed_before_is_left()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        await _stage.Fail();
        await _stage.Enqueue(Step("step-soon", TimeSpan.FromSeconds(2)), Step("step-later", TimeSpan.FromMinutes(5)));

        var sync = _stage.Run("sync", "--max-time", "10");
        var due = _stage.Time.GetUtcNow() + TimeSpan.FromSeconds(2);
        // The clock stands while the step that is due is taken, however long that takes.
        while (!sync.IsCompleted && (await _stage.Job("step-soon")).State is not JobState.Done)
        {
            if (_stage.Time.GetUtcNow() <= due && _stage.Time.PendingTimers > 0) { _stage.Time.Advance(TimeSpan.FromMilliseconds(100)); }
        }

        var (exit, output, _) = await Advancing(sync);

        exit.ShouldBe(8, output);
        output.ShouldContain("  Failed: 0\n");
        output.ShouldContain("Completed: ivxp.purchase (step-soon)");
        output.ShouldContain("1 operation(s) wait for their time");
        output.ShouldContain("1 failed operation(s) need a decision");
    }

    /// <summary>A step of a purchase that is not there any more, which is nothing to do.</summary>
    private JobDraft Step(string id, TimeSpan after) =>
        new(JobId.Parse(id), "ivxp.purchase", 1, """{"purchase":"purchase-1","step":5,"host":"shop.example"}"""u8.ToArray(), "{}"u8.ToArray())
        {
            NotBefore = _stage.Time.GetUtcNow() + after,
        };

    /// <summary>Turns the clock for a verb that waits by it.</summary>
    private async Task<T> Advancing<T>(Task<T> verb)
    {
        while (!verb.IsCompleted)
        {
            if (_stage.Time.PendingTimers > 0) { _stage.Time.Advance(TimeSpan.FromMilliseconds(100)); }
            await Task.Yield();
        }

        return await verb;
    }

    private void AnnounceThisProcess()
    {
        using var me = Process.GetCurrentProcess();
        new RunningServer("http://127.0.0.1:1", me.Id, DateTimeOffset.MaxValue).Announce(_stage.Data);
    }
}
