using System.Text;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>What the deciding verbs of <c>queue</c> do to the store.</summary>
public sealed class QueueDecisionTests : IDisposable
{
    private readonly QueueStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Retry_tries_a_failed_job_again_under_its_id()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        await _stage.Fail();
        var (exit, output, _) = await _stage.Run("retry", "mail-");

        (exit, output).ShouldBe((0, "Store: DATA/posthouse.db\n[ok] Retried: mail.send (mail-1)\n"));
        (await _stage.Job("mail-1")).State.ShouldBe(JobState.Pending);
        (await _stage.Run("retry", "mail-1")).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task Retry_with_an_edited_payload_makes_a_job_with_a_new_id_and_the_other_fields_of_the_old()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1", "api.example") with { Lane = "l", Owner = "me", Priority = 4, MaxAttempts = 3 });
        await _stage.Fail();
        var file = _stage.File("new.json", """{ "to" : "bob" }""");
        var answer = await _stage.Json("retry", "mail-1", "--edit", file);

        (answer.GetProperty("result").GetString(), answer.GetProperty("replaces").GetString()).ShouldBe(("edited", "mail-1"));
        var id = answer.GetProperty("id").GetString()!;
        id.ShouldStartWith("mail-");
        var row = await _stage.Job(id);
        Encoding.UTF8.GetString(row.Payload).ShouldBe("""{"to":"bob"}""");
        (row.State, row.Destination, row.Lane, row.Owner, row.Priority, row.MaxAttempts).ShouldBe((JobState.Pending, "api.example", "l", "me", 4, 3));
        (await _stage.Job("mail-1")).Reason.ShouldBe(DeadReason.Discarded);
    }

    [Fact]
    public async Task A_payload_that_is_no_json_changes_nothing()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        await _stage.Fail();
        var (exit, _, error) = await _stage.Run("retry", "mail-1", "--edit", _stage.File("bad.json", "{ to: bob"));

        exit.ShouldBe(2);
        error.ShouldContain("is no JSON");
        (await _stage.Job("mail-1")).Reason.ShouldBe(DeadReason.Rejected);
    }

    [Theory]
    [InlineData("cancel", DeadReason.Cancelled)]
    [InlineData("discard", DeadReason.Discarded)]
    [InlineData("remove", DeadReason.Cancelled)]
    public async Task A_pending_job_is_taken_out(string verb, DeadReason reason)
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));

        (await _stage.Run(verb, "mail-1")).Exit.ShouldBe(0);
        (await _stage.Job("mail-1")).Reason.ShouldBe(reason);
        (await _stage.Run(verb, "mail-1")).Exit.ShouldBe(1);
        (await _stage.Run("status")).Output.ShouldContain("  Closed: 1 (taken back, given up, replaced by a later one, or too old)\n");
    }

    [Fact]
    public async Task Who_discards_the_work_of_an_order_is_told_that_it_is_paid()
    {
        JobDraft Work(string id, string order) =>
            new(JobId.Parse(id), "ivxp.work", 1, Encoding.UTF8.GetBytes($$"""{"order_id":"{{order}}"}"""), "{}"u8.ToArray());
        await _stage.Enqueue(Work("work-1", "ivxp-1"));
        await _stage.Enqueue(Work("work-2", "ivxp-2"));

        (await _stage.Run("cancel", "work-1")).Output.ShouldEndWith("[!] The client of ivxp-1 has paid for it. Send the money back: nothing is delivered any more.\n");
        (await _stage.Run("discard", "work-2")).Output.ShouldEndWith("[!] The client of ivxp-2 has paid for it. Send the money back: nothing is delivered any more.\n");
    }

    [Fact]
    public async Task Remove_discards_a_job_that_failed()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        await _stage.Fail();

        (await _stage.Run("remove", "mail-1")).Output.ShouldContain("Discarded: mail.send");
        (await _stage.Job("mail-1")).Reason.ShouldBe(DeadReason.Discarded);
    }

    [Fact]
    public async Task A_running_job_is_asked_to_stop_which_is_not_yet_done()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1"));
        await _stage.WithStore(async (store, me) =>
        {
            (await store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromSeconds(60)))).Count.ShouldBe(1);
            var (exit, output, _) = await _stage.Run("cancel", "mail-1");

            exit.ShouldBe(10);
            output.ShouldContain("asked to stop");
            (await store.RenewAsync(me, TimeSpan.FromSeconds(60))).ShouldHaveSingleItem().CancelRequested.ShouldBeTrue();
        });
    }

    [Fact]
    public async Task Clear_removes_what_is_finished_and_with_all_everything()
    {
        await _stage.Enqueue(QueueStage.Draft("done-1"));
        await _stage.Settle(new Settlement(SettlementKind.Done) { Result = "{}"u8.ToArray() });
        await _stage.Enqueue(QueueStage.Draft("mail-1"), QueueStage.Draft("mail-2"));

        (await _stage.Run("clear")).Output.ShouldEndWith("[ok] Cleared 1 completed operation(s)\n");
        (await _stage.Run("clear", "--all")).ShouldSatisfyAllConditions(asked => asked.Exit.ShouldBe(2), asked => asked.Error.ShouldContain("--yes"));
        (await _stage.Job("mail-1")).State.ShouldBe(JobState.Pending);
        (await _stage.Run("clear", "--all", "--yes")).Output.ShouldEndWith("[ok] Cleared 2 total operation(s)\n");
        (await _stage.Json("list")).GetProperty("jobs").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_pause_is_kept_and_shown_until_it_is_ended()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1", "api.example"));

        (await _stage.Run("pause")).Output.ShouldContain("[ok] Paused: everything\n");
        (await _stage.Json("pause", "--destination", "api.example")).GetProperty("destination").GetString().ShouldBe("api.example");
        (await _stage.Run("status")).Output.ShouldContain("Paused; 'posthouse queue resume --data \"DATA\"' ends that\n  [!] Paused: api.example\n");
        await _stage.Run("resume");
        await _stage.Run("resume", "--destination", "api.example");
        (await _stage.Json("status")).ShouldSatisfyAllConditions(
            status => status.GetProperty("paused").GetBoolean().ShouldBeFalse(),
            status => status.GetProperty("paused_destinations").GetArrayLength().ShouldBe(0));
    }

    [Fact]
    public async Task A_destination_is_shown_and_paused_as_people_write_it()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1", "127.0.0.1%3A6161"), QueueStage.Draft("mail-2", "~127.0.0.1%3A6161"));

        (await _stage.Run("list")).Output.ShouldContain("mail.send to 127.0.0.1:6161 ");
        await _stage.Run("pause", "--destination", "127.0.0.1:6161");

        (await _stage.Json("status")).GetProperty("paused_destinations").EnumerateArray().Select(name => name.GetString())
            .ShouldBe(["127.0.0.1%3A6161", "~127.0.0.1%3A6161"], ignoreOrder: true);
        (await _stage.Run("status")).Output.Split('\n').Count(line => line.Contains("Paused: 127.0.0.1:6161", StringComparison.Ordinal)).ShouldBe(1);
        await _stage.Run("resume", "--destination", "127.0.0.1:6161");
        (await _stage.Json("status")).GetProperty("paused_destinations").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("cancel mail-1")]
    [InlineData("clear")]
    public async Task A_verb_that_changes_something_does_not_make_a_store(string line)
    {
        var (exit, _, error) = await _stage.Run(line.Split(' '));

        exit.ShouldBe(1);
        error.ShouldContain("There is no store at DATA/posthouse.db yet");
        Directory.GetFileSystemEntries(_stage.Data).ShouldBeEmpty();
    }
}
