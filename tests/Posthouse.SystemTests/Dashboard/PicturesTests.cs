using Microsoft.Playwright;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Dashboard;

/// <summary>
/// The pictures of the documentation. With <c>POSTHOUSE_SCREENSHOTS=FOLDER</c> they are made anew, on a server that sells and
/// provides prices, and the time to the first paint is said; otherwise only those that are there are looked at.
/// </summary>
public sealed class PicturesTests(ITestOutputHelper output)
{
    /// <summary>What a page of the documentation may weigh for one picture.</summary>
    private const int MaxBytes = 150_000;

    private static readonly (string Name, string Path)[] _pages =
        [("overview", "/"), ("queue", "/queue"), ("job", "/queue/job?id=invoice-7"), ("question", "/queue/discard?id=invoice-7"), ("orders", "/orders"), ("order", "/orders"), ("prices", "/prices"), ("locks", "/locks")];

    [Fact]
    public async Task Every_page_is_pictured_in_the_light_and_in_the_dark()
    {
        var folder = Environment.GetEnvironmentVariable("POSTHOUSE_SCREENSHOTS");
        if (folder is not null) { await MakeAsync(folder); }

        folder ??= Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "docs", "images");
        foreach (var name in _pages.SelectMany(page => new[] { $"dashboard-{page.Name}-light.png", $"dashboard-{page.Name}-dark.png" }))
        {
            new FileInfo(Path.Combine(folder, name)).Length.ShouldBeInRange(1_000, MaxBytes, name);
        }
    }

    private async Task MakeAsync(string folder)
    {
        await using var site = new DashboardSite { IsShown = true };
        await site.InitializeAsync();
        var studio = new Studio(site.Root, site.Home);
        await studio.AcquireAsync("Song.logicx");
        await studio.AcquireAsync("Stems/Vocals.wav");
        studio.GoOffline();
        await studio.AcquireAsync("Film.mov");
        foreach (var service in new[] { "text_echo", "text_echo", "broken", "text_echo", "research", "text_echo", "text_echo", "slow" })
        {
            await PosthouseProcess.RunAsync(site.Home, ["order", "buy", service, "hello", "--provider", site.Url, "--deadline", "00:00:10"]);
        }

        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var (name, path) in _pages)
            {
                var page = await site.OpenAsync(path, scheme);
                if (name == "order") { await page.ClickAsync("tr:has-text('delivered') a[id^=o-]"); }
                if (name == "overview") { await page.Locator("#chart-depth canvas").WaitForAsync(); }
                if (name != "question") { await page.Locator("#pulse:not([hidden])").WaitForAsync(); }
                await page.WaitForTimeoutAsync(500);
                var paint = await page.EvaluateAsync<double?>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null");
                output.WriteLine($"{name}, {scheme}: first paint after {paint:0} ms");
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"dashboard-{name}-{scheme.ToString().ToLowerInvariant()}.png") });
            }
        }
    }
}
