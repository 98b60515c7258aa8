using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>What the reading verbs of <c>queue</c> show.</summary>
public sealed class QueueLookTests : IDisposable
{
    private readonly QueueStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Status_of_a_folder_without_a_store_says_so_and_is_no_error()
    {
        var (exit, output, error) = await _stage.Run("status");

        (exit, error).ShouldBe((0, ""));
        output.ShouldBe("""
            Store: DATA/posthouse.db

            Offline Operation Queue
            ==================================================

              There is no store here yet: nothing was ever queued.
              Looked for posthouse.db in DATA; --data DIR names another folder.

            """.ReplaceLineEndings("\n"));
        File.Exists(_stage.Database).ShouldBeFalse();
        (await _stage.Json("status")).GetProperty("store").GetProperty("exists").GetBoolean().ShouldBeFalse();
        (await _stage.Json("list")).GetProperty("jobs").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Status_shows_disjoint_counts_and_what_matters_first()
    {
        await _stage.Enqueue(QueueStage.Draft("bad"));
        await _stage.Fail();
        await _stage.Enqueue(QueueStage.Draft("good"));
        await _stage.Settle(new Settlement(SettlementKind.Done) { Result = "{}"u8.ToArray() });
        await _stage.Enqueue(QueueStage.Draft("late", "api.example"));
        await _stage.Settle(new Settlement(SettlementKind.Again)
        {
            Counted = true,
            Delay = TimeSpan.FromSeconds(400),
            Failure = new Failure(FailureKind.Transient, "The far side\nis busy") { StatusCode = 503 },
        });
        _stage.Time.Advance(TimeSpan.FromMinutes(5));
        await _stage.Enqueue(QueueStage.Draft("next") with { Priority = 7 }, QueueStage.Draft("behind") with { After = [JobId.Parse("next")] });

        var (exit, output, error) = await _stage.Run("status");

        (exit, error).ShouldBe((0, ""));
        output.ShouldBe("""
            Store: DATA/posthouse.db

            Offline Operation Queue
            ==================================================

              Pending: 2
              Waiting: 1
              Completed: 1
              Failed: 1

              1. mail.send (5m ago)
                 ID: bad | Priority: 0 | Attempts: 1
                 Failed (rejected), needs a decision
                 Last error: Nobody knows ann (status 422)

              2. mail.send (now)
                 ID: next | Priority: 7 | Attempts: 0
                 Next attempt: now

              3. mail.send to api.example (5m ago)
                 ID: late | Priority: 0 | Attempts: 1
                 Next attempt: in 1m
                 Last error: The far side is busy (status 503)

              4. mail.send (now)
                 ID: behind | Priority: 0 | Attempts: 0
                 Waiting for next

              Use 'posthouse queue retry ID --data "DATA"' or 'posthouse queue discard ID --data "DATA"' to decide about failed ones
              The program that owns this store sends pending operations when it runs: an application of yours, or 'posthouse serve --data "DATA"'

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task What_a_server_does_for_itself_later_is_one_line_of_the_status()
    {
        var later = _stage.Time.GetUtcNow().AddHours(1);
        await _stage.Enqueue([.. Enumerable.Range(0, 12).Select(nr => QueueStage.Draft($"end-{nr}") with { Name = "ivxp.sweep", NotBefore = later })]);
        var (_, quiet, _) = await _stage.Run("status");
        await _stage.Enqueue(QueueStage.Draft("mail-1") with { NotBefore = later.AddHours(1) });
        var (_, output, _) = await _stage.Run("status");

        quiet.ShouldEndWith("  Failed: 0\n\n  12 housekeeping jobs wait for their time; 'posthouse queue list --data \"DATA\"' shows them too\n");
        output.ShouldContain("  Pending: 13\n");
        output.ShouldContain("  1. mail.send (now)\n");
        output.ShouldEndWith("  12 housekeeping jobs wait for their time; 'posthouse queue list --data \"DATA\"' shows them too\n  The program that owns this store sends pending operations when it runs: an application of yours, or 'posthouse serve --data \"DATA\"'\n");
        output.ShouldNotContain("ivxp.sweep");
        (await _stage.Run("list")).Output.ShouldContain("ivxp.sweep");
        (await _stage.Json("status")).GetProperty("jobs").GetArrayLength().ShouldBe(10);
    }

    [Fact]
    public async Task Status_as_json_counts_what_the_text_counts()
    {
        await _stage.Enqueue(QueueStage.Draft("bad"), QueueStage.Draft("next"));
        await _stage.Fail();
        var status = await _stage.Json("status");

        var counts = status.GetProperty("counts");
        (counts.GetProperty("ready").GetInt64(), counts.GetProperty("failed").GetInt64(), counts.GetProperty("open").GetInt64()).ShouldBe((1, 1, 2));
        var first = status.GetProperty("jobs")[0];
        (first.GetProperty("id").GetString(), first.GetProperty("state").GetString(), first.GetProperty("reason").GetString(), first.GetProperty("needs_decision").GetBoolean())
            .ShouldBe(("bad", "dead", "rejected", true));
        first.GetProperty("failure").GetProperty("status").GetInt32().ShouldBe(422);
        first.TryGetProperty("payload", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Status_of_a_store_with_purchases_names_the_sync_that_takes_them_on()
    {
        await _stage.Enqueue(QueueStage.Draft("step-1") with { Name = "ivxp.purchase" });

        (await _stage.Run("status")).Output.ShouldEndWith("  Use 'posthouse queue sync --data \"DATA\"' to sync pending operations\n");
    }

    [Fact]
    public async Task List_takes_the_words_of_the_counts_and_those_of_the_store()
    {
        await _stage.Enqueue(QueueStage.Draft("bad"));
        await _stage.Fail();
        await _stage.Enqueue(QueueStage.Draft("good"));
        await _stage.Settle(new Settlement(SettlementKind.Done) { Result = "{}"u8.ToArray() });
        await _stage.Enqueue(QueueStage.Draft("next"), QueueStage.Draft("behind") with { After = [JobId.Parse("next")] }, QueueStage.Draft("gone"));
        await _stage.Run("cancel", "gone");

        foreach (var (state, ids) in new (string, string[])[]
        {
            ("pending", ["next"]), ("waiting", ["behind"]), ("held", []), ("running", []), ("completed", ["good"]), ("failed", ["bad"]), ("closed", ["gone"]), ("done", ["good"]), ("dead", ["bad", "gone"]),
        })
        {
            (await _stage.Json("list", "--state", state)).GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetString()).ShouldBe(ids, state);
        }

        (await _stage.Json("list", "--state", "pending", "--name", "other")).GetProperty("jobs").GetArrayLength().ShouldBe(0);
        (await _stage.Json("list", "--state", "pending", "--after", "4")).GetProperty("jobs").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task List_pages_in_the_order_of_acceptance()
    {
        await _stage.Enqueue(QueueStage.Draft("job-a"), QueueStage.Draft("job-b"), QueueStage.Draft("job-c"));
        var (_, text, _) = await _stage.Run("list", "--limit", "2");
        var rest = await _stage.Json("list", "--after", "2");

        text.Split('\n')[2..5].Select(line => line.Split(' ')[0]).ShouldBe(["ID", "-----", "job-a"]);
        text.ShouldContain("There may be more: --after 2");
        rest.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetString()).ShouldBe(["job-c"]);
        (await _stage.Json("list", "--state", "failed")).GetProperty("jobs").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Show_prints_payload_error_and_events()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1") with { Lane = "l", Owner = "me", MaxAttempts = 3 });
        await _stage.Fail();
        var (exit, text, _) = await _stage.Run("show", "mail-1");

        exit.ShouldBe(0);
        text.ShouldStartWith("Store: DATA/posthouse.db\n\nmail.send\n=====");
        text.ShouldContain("  Lane:           l\n");
        text.ShouldContain("  Attempts:       1 of 3 counted, 1 begun\n");
        text.ShouldContain("  Last error:     Nobody knows ann (status 422) (permanent)\n");
        text.ShouldContain("      \"to\": \"ann\",\n");
        text.ShouldContain("  JobAccepted  ");
        var shown = await _stage.Json("show", "mail-1");
        shown.GetProperty("job").GetProperty("payload").GetProperty("nr").GetString().ShouldBe("mail-1");
        shown.GetProperty("events").EnumerateArray().Select(entry => entry.GetProperty("kind").GetString()).ShouldBe(["JobAccepted", "JobAttemptFailed", "JobDead"]);
        var bodies = shown.GetProperty("events").EnumerateArray().Select(entry => entry.GetProperty("body")).ToList();
        (bodies[1].GetProperty("kind").GetString(), bodies[2].GetProperty("reason").GetString()).ShouldBe(("permanent", "rejected"));
    }

    [Fact]
    public async Task Show_gives_bytes_that_are_no_json_in_base_64()
    {
        await _stage.Enqueue(QueueStage.Draft("raw-1") with { Payload = [1, 2, 3] });

        (await _stage.Json("show", "raw-1")).GetProperty("job").GetProperty("payload_base64").GetString().ShouldBe("AQID");
        (await _stage.Run("show", "raw-1")).Output.ShouldContain("AQID");
    }

    [Theory]
    [InlineData("msg-1", 0, "")]
    [InlineData("msg-10", 0, "")]
    [InlineData("msg-2", 0, "")]
    [InlineData("msg-", 1, "  msg-1\n")]
    [InlineData("msg-3", 1, "No job's id begins with 'msg-3'")]
    [InlineData("msg", 2, "at least 4 characters")]
    [InlineData("m?", 1, "is no job id")]
    public async Task An_id_is_found_by_a_prefix_that_only_it_has(string prefix, int code, string message)
    {
        await _stage.Enqueue(QueueStage.Draft("msg-1"), QueueStage.Draft("msg-10"), QueueStage.Draft("msg-205"));
        var (exit, _, error) = await _stage.Run("show", prefix);

        exit.ShouldBe(code);
        error.ShouldContain(message);
    }

    [Fact]
    public async Task Watch_writes_a_line_into_a_pipe_after_each_change_until_it_is_interrupted()
    {
        var (exit, lines) = await _stage.RunUntil(3, async seen =>
        {
            if (seen < 3) { await _stage.Enqueue(QueueStage.Draft($"mail-{seen}")); }
        }, "status", "--watch", "--json");

        exit.ShouldBe(130);
        lines.Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("data").GetProperty("counts").GetProperty("open").GetInt64()).Distinct().ShouldBe([0, 1, 2]);
    }

    [Fact]
    public async Task A_damaged_store_is_reported_and_left_alone()
    {
        _stage.File("posthouse.db", new string('x', 5000));
        var (exit, _, error) = await _stage.Run("status");

        exit.ShouldBe(1);
        error.ShouldContain("is damaged");
        Directory.GetFiles(_stage.Data).ShouldBe([_stage.Database]);
    }

    [Fact]
    public async Task What_a_process_ran_that_was_ended_does_not_pass_for_running()
    {
        await _stage.Enqueue(QueueStage.Draft("mail-1") with { Name = "vcs.push" });
        await _stage.WithStore(async (store, me) =>
        {
            (await store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromSeconds(60)))).Count.ShouldBe(1);
            (await _stage.Run("status")).Output.ShouldContain("  Running: 1\n");
            (await _stage.Json("status")).GetProperty("jobs")[0].GetProperty("interrupted").GetBoolean().ShouldBeFalse();
        });

        var (_, output, _) = await _stage.Run("status");

        output.ShouldContain("  Pending: 0\n  Verifying: 1\n");
        output.ShouldNotContain("  Running: ");
        output.ShouldContain("     Verifying: the program that ran it was ended; the next sync looks first whether it arrived");
        (await _stage.Run("show", "mail-1")).Output.ShouldContain("Verifying: the program that ran it was ended");
        (await _stage.Json("status")).GetProperty("jobs")[0].GetProperty("interrupted").GetBoolean().ShouldBeTrue();
    }
}
