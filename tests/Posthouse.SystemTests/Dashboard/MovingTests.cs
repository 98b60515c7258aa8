using Microsoft.Playwright;

namespace Posthouse.SystemTests.Dashboard;

/// <summary>Pages that move by themselves, and say so when they cannot.</summary>
[Collection(DashboardTests.Name)]
public sealed class MovingTests(DashboardSite site)
{
    [Fact]
    public async Task A_job_that_another_process_stored_appears_by_itself()
    {
        var page = await site.OpenAsync("/queue?kind=moving.job");
        await page.Locator("text=No job matches.").WaitForAsync();
        await page.Locator("#pulse:not([hidden])").WaitForAsync();
        await site.WithStoreAsync(store => store.EnqueueAsync([DashboardSite.Draft("moving-1", "moving.job")]));
        await page.Locator("#j-moving-1").WaitForAsync();

        // Its type is known to nobody here: the server holds it, and the page says so.
        await page.Locator("text=no process here knows this type").WaitForAsync();
    }

    [Fact]
    public async Task Charts_are_drawn_and_ages_tick()
    {
        var page = await site.OpenAsync("/");
        await page.Locator("#chart-depth canvas").WaitForAsync();
        await page.GotoAsync("/queue/job?id=later-02");
        await page.EvaluateAsync("document.querySelector('time[data-age]').dateTime = new Date(Date.now() - 7200000).toISOString()");
        await page.Locator("time[data-age]:has-text('2h ago')").First.WaitForAsync();
    }

    [Fact]
    public async Task When_the_server_is_gone_the_page_says_so_and_goes_on_when_it_is_back()
    {
        var page = await site.OpenAsync("/");
        await page.Locator("#pulse:not([hidden])").WaitForAsync();
        await site.KillServerAsync();
        await page.Locator("#gone:not([hidden])").WaitForAsync();
        (await page.InnerTextAsync("#gone")).ShouldMatch("^The server does not answer\\. What you see was true at \\d\\d:\\d\\d:\\d\\d UTC");
        (await page.GetAttributeAsync("#gone", "role")).ShouldBe("alert");

        await site.StartServerAsync();
        await page.Locator("#gone[hidden]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await page.Locator("#pulse:not([hidden])").WaitForAsync();
    }

    [Fact]
    public async Task The_offline_banner_comes_when_the_last_provider_dies_and_goes_when_it_is_back()
    {
        var page = await site.OpenAsync("/prices");
        await page.Locator("td:has-text('live')").First.WaitForAsync();
        (await page.Locator("#network").CountAsync()).ShouldBe(0);

        await site.KillProviderAsync();
        await page.Locator("#network:has-text('No live data sources - serving cached data')").WaitForAsync();
        await page.Locator("td:has-text('cached')").First.WaitForAsync();
        (await page.Locator("td:has-text('live')").CountAsync()).ShouldBe(0, "every value is marked cached");
        await page.Locator("th:has-text('Provider') >> xpath=ancestor::table >> text=inactive").WaitForAsync();
        await page.Locator("#network[role=alert]:has-text('Offline for 0 minutes')").WaitForAsync();

        await site.StartProviderAsync();
        await page.Locator("#network").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await page.Locator("td:has-text('live')").First.WaitForAsync();
    }

    [Fact]
    public async Task No_page_breaks_its_own_rules()
    {
        var page = await site.OpenAsync("/");
        await page.Locator("#chart-depth canvas").WaitForAsync();
        await page.GotoAsync("/prices");
        await page.Locator("#pulse:not([hidden])").WaitForAsync();
        await page.EvaluateAsync("document.body.dispatchEvent(new CustomEvent('back'))");
        // What a policy forbids, and what a script fails at, is written to the console; a server that is gone is, too.
        site.Complaints.Where(complaint => !complaint.Contains("ERR_", StringComparison.Ordinal) && !complaint.Contains("evil.example", StringComparison.Ordinal) && !complaint.Contains("status of 4", StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
