using System.Net;
using Posthouse.AspNetCore.Dashboard;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed class NoSuchPageTests
{
    private static readonly (string, string)[] _browser = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")];

    [Fact]
    public async Task A_browser_that_asks_for_no_page_of_the_dashboard_is_led_back_to_one()
    {
        await using var stage = await DashboardStage.StartAsync();
        using var answer = await stage.SendAsync(HttpMethod.Get, "/nosuch", _browser);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).ShouldSatisfyAllConditions(
            page => page.ShouldContain("There is no such page here."), page => page.ShouldContain("<a href=\"/queue\">Queue</a>"), page => page.ShouldContain("DASHBOARD_PAGE_UNKNOWN"));
    }

    [Theory]
    [InlineData("GET", "/nosuch", false)]
    [InlineData("POST", "/nosuch", true)]
    [InlineData("HEAD", "/nosuch", true)]
    [InlineData("GET", "/api", true)]
    [InlineData("GET", "/api/mesh/nosuch", true)]
    [InlineData("GET", "/ivxp/nosuch", true)]
    [InlineData("GET", "/ws", true)]
    [InlineData("GET", "/health/nosuch", true)]
    [InlineData("GET", "/metrics", true)]
    [InlineData("GET", "/.well-known/nosuch", true)]
    public async Task Programs_and_their_paths_are_answered_as_ever(string method, string path, bool isBrowser)
    {
        await using var stage = await DashboardStage.StartAsync();
        using var answer = await stage.SendAsync(new HttpMethod(method), path, isBrowser ? _browser : []);
        (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.Count()).ShouldBe((HttpStatusCode.NotFound, "", 0));
    }

    [Fact]
    public async Task A_page_that_is_there_but_not_to_be_posted_to_says_so_as_ever()
    {
        await using var stage = await DashboardStage.StartAsync();
        using var answer = await stage.SendAsync(HttpMethod.Post, "/queue", _browser);
        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Who_may_not_look_at_the_dashboard_is_answered_as_ever()
    {
        await using var stage = await DashboardStage.StartAsync();
        using var rebound = await stage.SendAsync(HttpMethod.Get, "/nosuch", [.. _browser, ("Host", "rebound.example")]);
        stage.Peer = IPAddress.Parse("192.0.2.7");
        using var far = await stage.SendAsync(HttpMethod.Get, "/nosuch", _browser);
        await using var guarded = await DashboardStage.StartAsync(new DashboardOptions { Token = "correct horse battery staple" });
        using var unknown = await guarded.SendAsync(HttpMethod.Get, "/nosuch", _browser);
        foreach (var answer in new[] { rebound, far, unknown })
        {
            (answer.StatusCode, await answer.Content.ReadAsStringAsync()).ShouldBe((HttpStatusCode.NotFound, ""));
        }
    }
}
