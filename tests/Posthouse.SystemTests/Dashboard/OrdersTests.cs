using System.Text.Json;
using Deque.AxeCore.Commons;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Dashboard;

/// <summary>Orders of a server that sells, bought and disputed by a real client who writes what no page may run.</summary>
[Collection(DashboardTests.Name)]
public sealed class OrdersTests(DashboardSite site) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-dashboard-shop-").FullName;
    private PosthouseProcess? _shop;
    private string _url = "";

    private string Pocket => Path.Combine(_folder, "pocket");

    public async ValueTask InitializeAsync()
    {
        _shop = PosthouseProcess.Start(null, ["serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data")], Pocket);
        _url = (await _shop.LineAsync())["Serving ".Length..];
    }

    public ValueTask DisposeAsync()
    {
        _shop?.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_disputed_order_is_offered_again_and_its_result_saved_and_nothing_of_it_is_run()
    {
        var id = await DisputedAsync();
        var evil = Uri.EscapeDataString(DashboardSite.Evil);
        var page = await site.OpenAsync();
        foreach (var path in new[] { "/orders", $"/orders?client={evil}", "/orders/services", $"/orders/order?id={id}", $"/orders/refund?id={id}", "/orders/order?id=none" })
        {
            await PagesTests.ShouldBeOpenToAllAsync(page, _url + path, new AxeRunOptions());
            (await page.EvaluateAsync<bool>("'harmed' in window || !!document.querySelector('img[src=x]')")).ShouldBeFalse(path);
        }

        await page.GotoAsync($"{_url}/orders/order?id={id}");
        (await page.GetByText(DashboardSite.Evil).CountAsync()).ShouldBePositive();
        var saved = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("#download"));
        saved.SuggestedFilename.ShouldBe(id + ".json");
        JsonDocument.Parse(await File.ReadAllTextAsync(await saved.PathAsync())).RootElement.GetProperty("text").GetString().ShouldBe(DashboardSite.Evil);

        await page.ClickAsync("#redeliver");
        await page.ClickAsync("main button[type=submit]");
        (await page.InnerTextAsync("#done")).ShouldContain("The result waits for its client again.");
    }

    private async Task<string> DisputedAsync()
    {
        var (exit, output, error) = await PosthouseProcess.RunAsync(Pocket, ["order", "buy", "text_echo", DashboardSite.Evil, "--provider", _url, "--json"]);
        (exit, error).ShouldBe((0, ""));
        var id = JsonDocument.Parse(output).RootElement.GetProperty("order_id").GetString()!;
        (await PosthouseProcess.RunAsync(Pocket, ["order", "dispute", id, "--reason", DashboardSite.Evil])).Exit.ShouldBe(0);
        return id;
    }
}
