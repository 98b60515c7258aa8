using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Posthouse.SystemTests.Dashboard;

/// <summary>Every page, as different people meet it.</summary>
[Collection(DashboardTests.Name)]
public sealed class PagesTests(DashboardSite site)
{
    private static readonly string[] _pages =
    [
        "/", "/queue", "/queue?state=failed", "/queue?kind=nothing", "/queue/job?id=evil-1", "/queue/job?id=later-01", "/queue/retry?id=plain-1", "/queue/edit?id=plain-1", "/queue/pause", "/prices", "/locks",
        "/queue/job?id=none",
    ];

    /// <summary>Pages that differ in what they are made of: each kind of list, form, state and table once.</summary>
    private static readonly string[] _kinds =
        ["/", "/queue?state=failed", "/queue?kind=nothing", "/queue/job?id=evil-1", "/queue/edit?id=plain-1", "/prices", "/locks", "/queue/job?id=none"];

    [Fact]
    public async Task Nobody_is_shut_out_of_a_page()
    {
        var page = await site.OpenAsync();
        foreach (var path in _kinds) { await ShouldBeOpenToAllAsync(page, path, new AxeRunOptions()); }
    }

    [Fact]
    public async Task In_the_dark_everything_can_be_read_too()
    {
        var page = await site.OpenAsync(scheme: ColorScheme.Dark);
        // What is not colour is the same as in the light.
        foreach (var path in _kinds) { await ShouldBeOpenToAllAsync(page, path, new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast"] } }); }
    }

    [Fact]
    public async Task A_phone_shows_every_page_without_sideways_scrolling()
    {
        var page = await site.OpenAsync(width: 360, height: 740);
        foreach (var path in _pages)
        {
            await page.GotoAsync(path);
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(360, path);
        }
    }

    [Fact]
    public async Task What_strangers_wrote_is_never_run()
    {
        var page = await site.OpenAsync();
        var evil = Uri.EscapeDataString(DashboardSite.Evil);
        foreach (var path in (string[])[.. _pages, $"/queue?kind={evil}&lane={evil}&state={evil}&after={evil}", $"/queue/pause?destination={evil}", $"/queue/job?id={evil}", $"/prices?asset={evil}", "/queue/edit?id=evil-1", "/queue/discard?id=evil-1"])
        {
            await page.GotoAsync(path);
            // A part that is asked for anew takes another way into the document than a page does.
            await page.EvaluateAsync("document.body.dispatchEvent(new CustomEvent('back'))");
            await page.Locator(".htmx-request").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
            (await page.EvaluateAsync<bool>("'harmed' in window || !!document.querySelector('img[src=x]')")).ShouldBeFalse(path);
        }

        await page.GotoAsync("/queue/job?id=evil-1");
        (await page.GetByText(DashboardSite.Evil).CountAsync()).ShouldBePositive();
    }

    [Fact]
    public async Task The_keyboard_alone_retries_a_job()
    {
        var page = await site.OpenAsync();
        await page.Keyboard.PressAsync("Tab");
        (await FocusedAsync(page)).ShouldBe("Skip to the content");
        await page.Keyboard.PressAsync("Enter");
        (await page.EvaluateAsync<string>("document.activeElement.id")).ShouldBe("content");

        await page.GotoAsync("/queue?state=failed");
        await TabToAsync(page, "j-keys-1");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#retry").WaitForAsync();
        await TabToAsync(page, "retry");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("h1:has-text('Retry this job?')").WaitForAsync();
        while (await FocusedAsync(page) != "Retry") { await page.Keyboard.PressAsync("Tab"); }
        await page.Keyboard.PressAsync("Enter");

        // What was done is told where the focus is.
        await page.Locator("#done:focus").WaitForAsync();
        (await FocusedAsync(page)).ShouldContain("Retried");
    }

    [Fact]
    public async Task The_focus_stays_where_it_is_when_a_part_is_new()
    {
        var page = await site.OpenAsync("/queue?state=failed");
        await page.FocusAsync("#j-plain-1");
        await page.EvaluateAsync("document.getElementById('list').dataset.old = 'yes'");
        await page.EvaluateAsync("document.body.dispatchEvent(new CustomEvent('back'))");
        await page.Locator("#list:not([data-old])").WaitForAsync();
        (await page.EvaluateAsync<string>("document.activeElement.id")).ShouldBe("j-plain-1");
    }

    [Fact]
    public async Task Without_scripts_everything_works_and_nothing_moves()
    {
        var page = await site.OpenAsync("/queue/job?id=unscripted-1", scripts: false);
        (await page.ContentAsync()).ShouldContain("Without JavaScript nothing on these pages moves by itself.");
        await page.ClickAsync("#retry");
        await page.ClickAsync("button:has-text('Retry')");
        (await page.InnerTextAsync("#done")).ShouldContain("Retried");
        await page.GotoAsync("/");
        (await page.Locator("#chart-depth svg, #chart-depth p").CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Lists_are_read_page_by_page()
    {
        var page = await site.OpenAsync("/queue?kind=report.send");
        (await page.Locator("tbody tr").CountAsync()).ShouldBe(50);
        await page.ClickAsync("#page-next");
        (await page.Locator("tbody tr").CountAsync()).ShouldBe(10);
        await page.ClickAsync("#page-first");
        (await page.Locator("#j-later-01").CountAsync()).ShouldBe(1);
    }

    internal static async Task ShouldBeOpenToAllAsync(IPage page, string path, AxeRunOptions options)
    {
        await page.GotoAsync(path);
        var found = await page.RunAxe(options);
        found.Passes.ShouldNotBeEmpty(path);
        found.Violations.ShouldBeEmpty(string.Join('\n', found.Violations.Select(violation => $"{path}: {violation.Id} {violation.Help}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}")));
    }

    private static Task<string> FocusedAsync(IPage page) => page.EvaluateAsync<string>("document.activeElement.textContent.trim()");

    private static async Task TabToAsync(IPage page, string id)
    {
        for (var presses = 0; await page.EvaluateAsync<string>("document.activeElement.id") != id; presses++)
        {
            presses.ShouldBeLessThan(100);
            await page.Keyboard.PressAsync("Tab");
        }
    }
}
