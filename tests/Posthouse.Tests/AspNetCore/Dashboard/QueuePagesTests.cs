using System.Net;
using System.Text;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed class QueuePagesTests
{
    private const string Evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

    [Fact]
    public async Task An_empty_queue_says_how_jobs_come_to_be()
    {
        await using var stage = await DashboardStage.StartAsync();
        (await stage.GetAsync("/queue")).ShouldContain("No job is here.");
        (await stage.GetAsync("/queue?state=failed")).ShouldContain("No job needs a decision.");
        (await stage.GetAsync("/")).ShouldContain("nothing failed");
    }

    [Fact]
    public async Task Jobs_are_found_by_state_kind_and_lane()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1")]);
        await stage.FailAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-2"), DashboardStage.Draft("call-1", "call.make", lane: "phone/ann")]);

        await ShouldShowAsync("/queue", "mail-1", "mail-2", "call-1");
        await ShouldShowAsync("/queue?state=failed", "mail-1");
        await ShouldShowAsync("/queue?state=pending", "mail-2", "call-1");
        await ShouldShowAsync("/queue?kind=call.make", "call-1");
        await ShouldShowAsync("/queue?lane=phone%2Fann&part=list", "call-1");
        await ShouldShowAsync("/queue?state=nonsense&after=x", "mail-1", "mail-2", "call-1");
        (await stage.GetAsync("/queue?state=failed")).ShouldSatisfyAllConditions(page => page.ShouldContain("Nobody knows ann (status 422)"), page => page.ShouldContain("<td data-label=\"Tries\" class=\"number\">1</td>"));

        async Task ShouldShowAsync(string path, params string[] ids)
        {
            var page = await stage.GetAsync(path);
            new[] { "mail-1", "mail-2", "call-1" }.Where(id => page.Contains($"id=\"j-{id}\"", StringComparison.Ordinal)).ShouldBe(ids);
        }
    }

    [Fact]
    public async Task Ten_thousand_jobs_are_read_page_by_page_each_once()
    {
        await using var stage = await DashboardStage.StartAsync();
        for (var i = 0; i < 10_000; i += 1_000) { await stage.Store.EnqueueAsync([.. Enumerable.Range(i, 1_000).Select(number => DashboardStage.Draft($"mail-{number:00000}"))]); }

        var (path, seen) = ("/queue", new List<string>());
        for (var pages = 0; path is not null; pages++)
        {
            var page = await stage.GetAsync(path);
            seen.AddRange(page.Split("id=\"j-").Skip(1).Select(rest => rest[..rest.IndexOf('"', StringComparison.Ordinal)]));
            path = page.Split("id=\"page-next\" rel=\"next\" href=\"").Skip(1).Select(rest => WebUtility.HtmlDecode(rest[..rest.IndexOf('"', StringComparison.Ordinal)])).FirstOrDefault();
            pages.ShouldBeLessThan(10_000 / QueueFilter.Size);
        }

        seen.Count.ShouldBe(10_000);
        seen.ShouldBe(seen.Distinct());
    }

    [Fact]
    public async Task One_job_shows_all_that_is_known_of_it()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1", destination: "smtp%3Aexample", lane: "outbox")]);
        await stage.FailAsync();
        var page = await stage.GetAsync("/queue/job?id=mail-1");
        foreach (var text in new[] { "mail.send, version 1", "smtp:example", "outbox", "1 begun, 1 counted as failed", "Nobody knows ann (status 422)", "&quot;to&quot;: &quot;ann&quot;", "attempt failed", "rejected, needs a decision" })
        {
            page.ShouldContain(text);
        }

        (await stage.SendAsync(HttpMethod.Get, "/queue/job?id=mail-1&part=job&stamp=" + JobFace.Stamp(await stage.JobAsync("mail-1")))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await stage.GetAsync("/queue/job?id=mail-1&part=job&stamp=older")).ShouldStartWith("<div id=\"job\"");
    }

    [Fact]
    public async Task Work_that_was_done_at_the_first_try_does_not_look_as_if_it_never_ran()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1")]);
        var worker = await stage.Store.JoinAsync(() => { });
        var claimed = await stage.Store.ClaimAsync(new ClaimRequest(worker, 1, TimeSpan.FromSeconds(60)));
        await stage.Store.SettleAsync(claimed[0].Lease, new Settlement(SettlementKind.Done) { Result = "{}"u8.ToArray() });
        (await stage.GetAsync("/queue")).ShouldContain("<td data-label=\"Tries\" class=\"number\">1</td>");
        (await stage.GetAsync("/queue/job?id=mail-1")).ShouldContain("<dd>1 begun</dd>");
    }

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("..%2F..%2Fetc")]
    [InlineData("%3Cscript%3E")]
    public async Task A_job_that_is_not_here_is_said_so(string id)
    {
        await using var stage = await DashboardStage.StartAsync();
        foreach (var verb in new[] { "job", "retry", "edit", "cancel", "discard" })
        {
            using var answer = await stage.SendAsync(HttpMethod.Get, $"/queue/{verb}?id={id}");
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("JOB_NOT_FOUND");
        }
    }

    [Fact]
    public async Task A_failed_job_is_retried_once_somebody_says_so()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1")]);
        await stage.FailAsync();
        await stage.GetAsync("/queue/retry?id=mail-1");
        (await stage.JobAsync("mail-1")).State.ShouldBe(JobState.Dead, "looking changes nothing");

        (await stage.AnswerAsync("/queue/retry?id=mail-1")).Page.ShouldContain("Retried: it is tried again now");
        (await stage.JobAsync("mail-1")).ShouldSatisfyAllConditions(job => job.State.ShouldBe(JobState.Pending), job => job.Attempts.ShouldBe(0));
        (await stage.AnswerAsync("/queue/retry?id=mail-1")).ShouldSatisfyAllConditions(
            again => again.Status.ShouldBe(HttpStatusCode.Conflict), again => again.Page.ShouldContain("JOB_STATE_CONFLICT"),
            again => again.Page.ShouldContain("href=\"/queue/job?id=mail-1\">Go back</a>"));
        using var unknown = await stage.SendAsync(HttpMethod.Get, "/queue/retry?id=mail-9");
        (await unknown.Content.ReadAsStringAsync()).ShouldContain("href=\"/queue\">Go back</a>");
    }

    [Fact]
    public async Task An_edited_job_takes_the_place_of_the_failed_one()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1", lane: "outbox")]);
        await stage.FailAsync();
        (await stage.AnswerAsync("/queue/edit?id=mail-1", ("payload", "{\"to\": "))).ShouldSatisfyAllConditions(
            wrong => wrong.Status.ShouldBe(HttpStatusCode.BadRequest), wrong => wrong.Page.ShouldContain("no JSON"), wrong => wrong.Page.ShouldContain("{&quot;to&quot;: "));
        (await stage.JobAsync("mail-1")).Reason.ShouldBe(DeadReason.Rejected);

        (await stage.AnswerAsync("/queue/edit?id=mail-1", ("payload", "{\"to\": \"bob\"}"))).Page.ShouldContain("Edited: this job");
        (await stage.JobAsync("mail-1")).Reason.ShouldBe(DeadReason.Discarded);
        var edited = (await stage.Store.ListAsync(new JobQuery { State = JobState.Pending })).ShouldHaveSingleItem();
        (Encoding.UTF8.GetString(edited.Payload), edited.Lane).ShouldBe(("""{"to":"bob"}""", "outbox"));
    }

    [Fact]
    public async Task Jobs_are_cancelled_and_discarded_and_the_page_tells_what_became_of_them()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1"), DashboardStage.Draft("mail-2")]);
        (await stage.AnswerAsync("/queue/cancel?id=mail-1")).Page.ShouldContain("Cancelled, before it was sent.");
        (await stage.JobAsync("mail-1")).Reason.ShouldBe(DeadReason.Cancelled);
        (await stage.AnswerAsync("/queue/cancel?id=mail-1")).Page.ShouldContain("Too late: it had ended already.");
        (await stage.AnswerAsync("/queue/discard?id=mail-2")).Page.ShouldContain("Discarded: its optimistic result was taken back.");
        (await stage.JobAsync("mail-2")).Reason.ShouldBe(DeadReason.Discarded);
        (await stage.AnswerAsync("/queue/clear")).Page.ShouldContain("Cleared: ");
    }

    [Fact]
    public async Task The_queue_or_a_destination_is_paused_and_resumed()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1", destination: "smtp%3Aexample")]);
        (await stage.AnswerAsync("/queue/pause")).Page.ShouldContain("Everything is paused");
        (await stage.Store.CountAsync()).Paused.ShouldBeTrue();
        (await stage.AnswerAsync("/queue/resume")).Page.ShouldContain("Resumed.");

        // As a person writes it; the store has it percent-encoded.
        (await stage.AnswerAsync("/queue/pause?destination=smtp%3Aexample")).Page.ShouldContain("<strong>smtp:example</strong> are paused");
        (await stage.Store.CountAsync()).ShouldSatisfyAllConditions(counts => counts.Paused.ShouldBeFalse(), counts => counts.PausedDestinations.ShouldBe(["smtp%3Aexample"]));
        await stage.AnswerAsync("/queue/resume?destination=smtp%253Aexample");
        (await stage.Store.CountAsync()).PausedDestinations.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_others_wrote_is_text_and_nothing_else()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1", name: Evil, payload: $$"""{"a":{{System.Text.Json.JsonSerializer.Serialize(Evil)}}}""", destination: Evil, lane: Evil) with { Owner = Evil, DeduplicationKey = Evil }]);
        await stage.FailAsync(Evil);
        await stage.Store.DecideAsync(new JobCommand.Pause(Evil));
        var encoded = Uri.EscapeDataString(Evil);
        string[] paths = ["/", "/?part=now", "/queue", $"/queue?kind={encoded}&lane={encoded}&state={encoded}", "/queue/job?id=mail-1", "/queue/retry?id=mail-1", "/queue/edit?id=mail-1", $"/queue/pause?destination={encoded}", $"/queue?done={encoded}"];
        foreach (var path in paths)
        {
            var page = await stage.GetAsync(path);
            page.ShouldNotContain("<script>alert");
            page.ShouldNotContain("<img src=x");
            page.ShouldNotContain("\"'>");
        }
    }

    [Fact]
    public async Task Half_a_character_is_no_bug_wherever_it_stands()
    {
        const string Half = "\"\\ud800\"";
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1", name: "mail\ud800", payload: Half) with { Optimistic = Encoding.UTF8.GetBytes(Half) }]);
        await stage.FailAsync("it said \ud800");
        foreach (var path in new[] { "/", "/queue", "/queue/job?id=mail-1", "/queue/edit?id=mail-1" }) { await stage.GetAsync(path); }
        (await stage.GetAsync("/queue/job?id=mail-1")).ShouldContain("&quot;\\ud800&quot;");

        await stage.AnswerAsync("/queue/edit?id=mail-1", ("payload", Half));
        (await stage.Store.ListAsync(new JobQuery { State = JobState.Pending })).ShouldHaveSingleItem().Payload.ShouldBe(Encoding.UTF8.GetBytes(Half));
    }

    [Fact]
    public async Task A_long_payload_is_cut_and_one_that_is_no_text_is_shown_in_base_64()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1", payload: $"\"{new string('x', Payloads.MaxEdited)}\""), DashboardStage.Draft("mail-2") with { Payload = [0xff, 0xfe] }]);
        var page = await stage.GetAsync("/queue/job?id=mail-1");
        (page.Contains(new string('x', Payloads.MaxShown - 1), StringComparison.Ordinal), page.Contains(new string('x', Payloads.MaxShown), StringComparison.Ordinal)).ShouldBe((true, false));
        page.ShouldContain("Cut after 16,384 characters");
        (await stage.GetAsync("/queue/job?id=mail-2")).ShouldContain("//4=");
        using var edit = await stage.SendAsync(HttpMethod.Get, "/queue/edit?id=mail-1");
        edit.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }
}
