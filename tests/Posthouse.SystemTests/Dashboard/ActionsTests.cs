using System.Text;
using Microsoft.Playwright;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.SystemTests.Dashboard;

/// <summary>Everything that the pages do, by the mouse: asked once, done by the queue, told on the next page.</summary>
[Collection(DashboardTests.Name)]
public sealed class ActionsTests(DashboardSite site)
{
    [Fact]
    public async Task A_failed_job_is_retried()
    {
        var page = await site.OpenAsync("/queue/job?id=retry-1");
        await page.ClickAsync("#retry");
        await page.ClickAsync("text=No, go back");
        await page.Locator("#retry").WaitForAsync();
        (await site.JobAsync("retry-1")).State.ShouldBe(JobState.Dead);

        await page.ClickAsync("#retry");
        await SayAsync(page, "Retry", "Retried");
        (await site.JobAsync("retry-1")).State.ShouldBe(JobState.Pending);
    }

    [Fact]
    public async Task A_failed_job_is_edited_and_retried()
    {
        var page = await site.OpenAsync("/queue/job?id=edit-1");
        await page.ClickAsync("#edit");
        await page.FillAsync("#payload", "{ \"to\": ");
        await page.ClickAsync("button[type=submit]");
        (await page.InnerTextAsync("#payload-wrong")).ShouldContain("no JSON");
        await page.FillAsync("#payload", "{ \"to\": \"bob@example.org\" }");
        await SayAsync(page, "Edit and retry", "Edited");
        var id = new Uri(page.Url).Query.Split('&')[0]["?id=".Length..];
        (await site.JobAsync("edit-1")).Reason.ShouldBe(DeadReason.Discarded);
        Encoding.UTF8.GetString((await site.JobAsync(id)).Payload).ShouldBe("""{"to":"bob@example.org"}""");
    }

    [Fact]
    public async Task Jobs_are_discarded_and_cancelled()
    {
        var page = await site.OpenAsync("/queue/job?id=discard-1");
        await page.ClickAsync("#discard");
        await SayAsync(page, "Discard the job", "Discarded");
        (await site.JobAsync("discard-1")).Reason.ShouldBe(DeadReason.Discarded);

        await page.GotoAsync("/queue/job?id=cancel-1");
        await page.ClickAsync("#cancel");
        await SayAsync(page, "Cancel the job", "Cancelled, before it was sent.");
        (await site.JobAsync("cancel-1")).Reason.ShouldBe(DeadReason.Cancelled);
        (await page.Locator("#cancel").CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task The_queue_is_paused_resumed_and_cleared()
    {
        var page = await site.OpenAsync("/queue");
        await page.ClickAsync("#pause");
        await SayAsync(page, "Pause", "Paused");
        await page.Locator("text=Everything is paused").WaitForAsync();
        await CountsAsync(counts => counts.Paused.ShouldBeTrue());
        await page.ClickAsync("#resume");
        await SayAsync(page, "Resume", "Resumed");
        await page.ClickAsync("#clear");
        await SayAsync(page, "Clear finished jobs", "Cleared");
        await CountsAsync(counts => counts.Paused.ShouldBeFalse());
    }

    [Fact]
    public async Task A_destination_is_paused_and_resumed()
    {
        var page = await site.OpenAsync("/queue/pause?destination=smtp.example.org");
        await SayAsync(page, "Pause", "Paused");
        await page.ClickAsync("text=Resume them…");
        await SayAsync(page, "Resume", "Resumed");
        await CountsAsync(counts => counts.PausedDestinations.ShouldBeEmpty());
    }

    [Fact]
    public async Task Another_sites_page_neither_changes_nor_frames_nor_reads_anything()
    {
        var page = await site.OpenAsync("/queue/pause");
        var proof = await page.InputValueAsync("input[name=form-proof]");
        await page.RouteAsync("http://evil.example/**", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/html",
            Body = $$"""
                <form id="f" method="post" action="{{site.Url}}/queue/pause"><input name="form-proof" value="{{proof}}"><input name="destination" value=""></form>
                <iframe name="frame" src="{{site.Url}}/queue"></iframe>
                <script>fetch("{{site.Url}}/queue", { credentials: "include" }).then(a => a.text()).then(t => window.read = t, () => window.read = "nothing")</script>
                """,
        }));
        await page.GotoAsync("http://evil.example/");
        (await page.WaitForFunctionAsync("window.read").ContinueWith(read => read.Result.JsonValueAsync<string>()).Unwrap()).ShouldBe("nothing");
        (await page.Frame("frame")!.ContentAsync()).ShouldNotContain("Posthouse");
        var answer = await page.RunAndWaitForResponseAsync(() => page.EvaluateAsync("document.getElementById('f').submit()"), sent => sent.Request.Method == "POST");
        answer.Status.ShouldBe(403);
        await CountsAsync(counts => counts.Paused.ShouldBeFalse());
    }

    /// <summary>Answers the question, and waits for what is told.</summary>
    private static async Task SayAsync(IPage page, string button, string told)
    {
        await page.ClickAsync($"main button[type=submit]:has-text(\"{button}\")");
        (await page.InnerTextAsync("#done")).ShouldContain(told);
    }

    private Task CountsAsync(Action<QueueCounts> look) => site.WithStoreAsync(async store => look(await store.CountAsync()));
}
