namespace Posthouse.SystemTests.Dashboard;

[Collection(DashboardTests.Name)]
public sealed class LocksTests(DashboardSite site)
{
    [Fact]
    public async Task A_lock_that_a_verb_takes_appears_by_itself_and_so_does_one_that_waits_for_a_network()
    {
        var page = await site.OpenAsync("/locks");
        await page.Locator("#pulse:not([hidden])").WaitForAsync();
        var studio = new Studio(site.Root, site.Home);
        (await studio.AcquireAsync("Song.logicx")).ShouldBe(0);
        await page.Locator("tr:has-text('Song.logicx'):has-text('held'):has-text('Nightsong')").WaitForAsync();

        studio.GoOffline();
        await studio.AcquireAsync("Film.mov");
        await page.Locator("tr:has-text('Acquire lock for Film.mov'):has-text('waiting')").WaitForAsync();
    }
}
