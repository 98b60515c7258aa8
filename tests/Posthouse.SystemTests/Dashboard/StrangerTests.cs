using System.Text.Json;
using Microsoft.Playwright;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.SystemTests.Dashboard;

/// <summary>Two hundred ways to bring a script into a page, as names, lanes, destinations, owners, payloads and questions. None is run, and none becomes an element.</summary>
[Collection(DashboardTests.Name)]
public sealed class StrangerTests(DashboardSite site)
{
    private const string Deed = "window.harmed=1";

    /// <summary>What each would leave behind: a deed done, its element, or an address that does it when it is followed.</summary>
    private const string Harm = """
        "harmed" in window || !!document.querySelector("[id=harm], main script, main iframe, main object, main embed, main base, main meta, main style, a[href^='javascript:' i], a[href^='data:' i], [formaction]")
        """;

    /// <summary>Elements that do something without being asked, or when they are touched.</summary>
    private static readonly string[] _elements =
    [
        $"<script id=harm>{Deed}</script>", $"<ScRiPt id=harm>{Deed}</sCrIpT>", $"<script id=harm src=\"data:text/javascript,{Deed}\"></script>", $"<img id=harm src=x onerror={Deed}>",
        $"<img id=harm src=x\tonerror\n=\n\"{Deed}\">", $"<svg id=harm onload={Deed}>", $"<svg/id=harm/onload={Deed}>", $"<svg><script id=harm>{Deed}</script></svg>", $"<body id=harm onload={Deed}>",
        $"<iframe id=harm srcdoc=\"<script>parent.harmed=1</script>\"></iframe>", $"<iframe id=harm src=\"javascript:parent.harmed=1\"></iframe>", $"<details id=harm open ontoggle={Deed}>a</details>",
        $"<input id=harm autofocus onfocus={Deed}>", $"<video id=harm><source onerror={Deed}></video>", $"<object id=harm data=\"data:text/html,<script>{Deed}</script>\"></object>",
        $"<math id=harm><mtext><style><img src=x onerror={Deed}></style></mtext></math>", $"<style id=harm>@keyframes x{{}}</style><b style=\"animation-name:x\" onanimationstart={Deed}>b</b>",
        $"<a id=harm href=\"javascript:{Deed}\">a</a>", $"<button id=harm formaction=\"java&#115;cript:{Deed}\">b</button>", $"<div id=harm hx-get=\"/queue\" hx-on:load=\"{Deed}\" hx-trigger=load>d</div>",
    ];

    /// <summary>What would end the place where it is written, if nobody minded.</summary>
    private static readonly string[] _ways = ["", "\">", "'>", "</title>", "</textarea>", "</script>", "-->", "]]>", "\"/autofocus onfocus=" + Deed + " x=\"", "&quot;&gt;&lt;b&gt;\u2028\\\"}]"];

    private static readonly string[] _words = [.. _ways.SelectMany(_ => _elements, (way, element) => way + element)];

    [Fact]
    public async Task None_of_two_hundred_scripts_of_strangers_is_run()
    {
        _words.Distinct().Count().ShouldBe(200);
        await site.WithStoreAsync(store => store.EnqueueAsync([.. _words.Select((word, at) => DashboardSite.Draft($"stranger-{at}", word, JsonSerializer.Serialize(new { text = word }), word, word) with
        {
            Owner = word,
            DeduplicationKey = word,
            NotBefore = DateTimeOffset.UtcNow.AddYears(1),
        })]));

        var page = await site.OpenAsync();
        // On lists all of them are seen; by itself, and as a question, each one in the long run.
        for (var at = 0; at < _words.Length; at += Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1" ? 1 : 21)
        {
            var word = Uri.EscapeDataString(_words[at]);
            await ShouldBeHarmlessAsync(page, $"/queue/job?id=stranger-{at}");
            (await page.GetByText(_words[at]).CountAsync()).ShouldBePositive(_words[at]);
            await ShouldBeHarmlessAsync(page, $"/queue?kind={word}&lane={word}&state={word}&after={word}");
            await ShouldBeHarmlessAsync(page, $"/queue/pause?destination={word}");
        }

        await ShouldBeHarmlessAsync(page, "/");
        await ShouldBeHarmlessAsync(page, "/queue?state=scheduled");
        var shown = 0;
        for (; await page.Locator("#page-next").CountAsync() > 0; shown++)
        {
            await page.ClickAsync("#page-next");
            await page.WaitForLoadStateAsync();
            (await page.EvaluateAsync<bool>(Harm)).ShouldBeFalse(page.Url);
        }

        shown.ShouldBeGreaterThanOrEqualTo(3, "two hundred are on more than three pages");
        await site.WithStoreAsync(async store =>
        {
            for (var at = 0; at < _words.Length; at++) { await store.DecideAsync(new JobCommand.Cancel(JobId.Parse($"stranger-{at}"))); }
        });
    }

    private static async Task ShouldBeHarmlessAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        (await page.EvaluateAsync<bool>(Harm)).ShouldBeFalse(path);
    }
}
