using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Dashboard;
using Posthouse.AspNetCore.Dashboard.Guard;
using Posthouse.Cli.Hosting;
using Posthouse.Jobs;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed class DashboardGuardTests
{
    private const string Token = "correct horse battery staple";

    [Theory]
    [InlineData("/")]
    [InlineData("/queue")]
    [InlineData("/queue/job?id=mail-1")]
    [InlineData("/queue/retry?id=mail-1")]
    [InlineData("/live")]
    [InlineData("/assets/x/dashboard.css")]
    public async Task Without_a_token_other_machines_see_nothing(string path)
    {
        await using var stage = await DashboardStage.StartAsync();
        stage.Peer = IPAddress.Parse("192.0.2.7");
        using var answer = await stage.SendAsync(HttpMethod.Get, path);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(DashboardErrors.LocalOnly);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LocalHost:6060", true)]
    [InlineData("127.0.0.1:6060", true)]
    [InlineData("[::1]:6060", true)]
    [InlineData("192.0.2.7", true)]
    [InlineData("posthouse.example", true)]
    [InlineData("rebound.example", false)]
    [InlineData("localhost.rebound.example:6060", false)]
    [InlineData("127.0.0.1.nip.example", false)]
    public async Task A_name_that_a_stranger_made_to_lead_here_is_refused(string host, bool isKnown)
    {
        await using var stage = await DashboardStage.StartAsync(new DashboardOptions { Hosts = ["Posthouse.example"] });
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            using var answer = await stage.SendAsync(method, "/queue/pause", [("Host", host), ("Origin", $"http://{host}")], method == HttpMethod.Post ? new FormUrlEncodedContent([]) : null);
            (await answer.Content.ReadAsStringAsync()).Contains(DashboardErrors.HostRefused, StringComparison.Ordinal).ShouldBe(!isKnown);
            (answer.StatusCode is HttpStatusCode.Forbidden).ShouldBe(!isKnown);
        }
    }

    [Theory]
    [InlineData("http://localhost", "same-origin", true)]
    [InlineData("http://localhost", null, true)]
    [InlineData(null, "same-origin", true)]
    [InlineData(null, null, false)]
    [InlineData("null", null, false)]
    [InlineData("http://localhost:8080", "same-site", false)]
    [InlineData("http://localhost:8080", null, false)]
    [InlineData("http://evil.example", "cross-site", false)]
    [InlineData("http://evil.example", "same-origin", false)]
    [InlineData("http://localhost", "cross-site", false)]
    [InlineData("http://localhost", "none", false)]
    public async Task A_change_is_taken_from_its_own_pages_alone(string? origin, string? site, bool isTaken)
    {
        await using var stage = await DashboardStage.StartAsync();
        var fields = DashboardStage.Hidden(await stage.GetAsync("/queue/pause"));
        (string, string)[] headers = [.. origin is null ? [] : new[] { ("Origin", origin) }, .. site is null ? [] : new[] { ("Sec-Fetch-Site", site) }, ("X-Nothing", "1")];
        using var answer = await stage.PostAsync("/queue/pause", fields, headers);
        answer.StatusCode.ShouldBe(isTaken ? HttpStatusCode.Redirect : HttpStatusCode.Forbidden);
        (await stage.Store.CountAsync()).Paused.ShouldBe(isTaken);
    }

    [Fact]
    public async Task A_form_that_this_server_did_not_give_to_this_browser_changes_nothing()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1")]);
        var good = DashboardStage.Hidden(await stage.GetAsync("/queue/discard?id=mail-1"));
        Dictionary<string, string>[] bad = [new() { ["id"] = "mail-1" }, new(good) { [Forms.Field] = "" }, new(good) { [Forms.Field] = good[Forms.Field][..^4] + "AAAA" }];
        foreach (var fields in bad)
        {
            using var answer = await stage.PostAsync("/queue/discard", fields);
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await answer.Content.ReadAsStringAsync()).ShouldContain(DashboardErrors.FormExpired);
        }

        // The same form from a browser without the cookie that goes with it.
        await using var other = await DashboardStage.StartAsync();
        using var strange = await other.PostAsync("/queue/discard", good);
        strange.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await stage.JobAsync("mail-1")).State.ShouldBe(JobState.Pending);
    }

    [Theory]
    [InlineData("cross-site", "no-cors", false)]
    [InlineData("same-site", "cors", false)]
    [InlineData("cross-site", "navigate", true)]
    [InlineData("same-origin", "cors", true)]
    [InlineData("none", "navigate", true)]
    public async Task Pages_of_other_sites_load_nothing_but_links_to_here_work(string site, string mode, bool isAnswered)
    {
        await using var stage = await DashboardStage.StartAsync();
        using var answer = await stage.SendAsync(HttpMethod.Get, "/queue", [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode)]);
        answer.StatusCode.ShouldBe(isAnswered ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/queue/job?id=none", 404)]
    [InlineData("/queue/pause", 200)]
    public async Task Every_answer_tells_the_browser_to_be_careful(string path, int status)
    {
        await using var stage = await DashboardStage.StartAsync();
        using var answer = await stage.SendAsync(HttpMethod.Get, path);
        ((int)answer.StatusCode).ShouldBe(status);
        var policy = string.Join(' ', answer.Headers.GetValues("Content-Security-Policy"));
        foreach (var rule in new[] { "default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'" })
        {
            policy.ShouldContain(rule);
        }

        policy.ShouldNotContain("unsafe");
        Header("X-Content-Type-Options").ShouldBe("nosniff");
        Header("Cache-Control").ShouldContain("no-store");
        Header("Referrer-Policy").ShouldBe("same-origin");
        Header("Cross-Origin-Opener-Policy").ShouldBe("same-origin");

        string Header(string name) => string.Join(',', answer.Headers.GetValues(name));
    }

    [Fact]
    public async Task With_a_token_nobody_gets_in_without_giving_it_once()
    {
        await using var stage = await DashboardStage.StartAsync(new DashboardOptions { Token = Token, CookieName = "station" });
        foreach (var (path, status) in new[] { ("/", HttpStatusCode.Redirect), ("/queue", HttpStatusCode.Redirect), ("/?part=now", HttpStatusCode.Unauthorized), ("/live", HttpStatusCode.Unauthorized) })
        {
            using var answer = await stage.SendAsync(HttpMethod.Get, path);
            answer.StatusCode.ShouldBe(status);
        }

        var fields = DashboardStage.Hidden(await stage.GetAsync("/sign-in"));
        using (var denied = await stage.PostAsync("/queue/pause", fields)) { denied.StatusCode.ShouldBe(HttpStatusCode.Unauthorized); }

        (await stage.AnswerAsync("/sign-in", ("token", Token + "!"))).ShouldSatisfyAllConditions(
            wrong => wrong.Status.ShouldBe(HttpStatusCode.Unauthorized), wrong => wrong.Page.ShouldContain(DashboardErrors.TokenWrong), wrong => wrong.Page.ShouldNotContain(Token));
        stage.Cookies.Keys.ShouldNotContain("__Host-station");

        (await stage.AnswerAsync("/sign-in", ("token", Token + "\n"))).Page.ShouldContain("Overview");
        stage.Cookies.Keys.ShouldContain("__Host-station");
        (await stage.AnswerAsync("/queue/pause")).Status.ShouldBe(HttpStatusCode.Redirect);

        stage.Time.Advance(Sessions.Lasts);
        using var later = await stage.SendAsync(HttpMethod.Get, "/");
        later.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task A_session_ends_for_good_when_somebody_signs_out()
    {
        await using var stage = await DashboardStage.StartAsync(new DashboardOptions { Token = Token });
        await stage.AnswerAsync("/sign-in", ("token", Token));
        var kept = stage.Cookies["__Host-posthouse"];
        await stage.AnswerAsync("/sign-out");
        using var answer = await stage.SendAsync(HttpMethod.Get, "/", [("Cookie", $"__Host-posthouse={kept}")]);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task The_sessions_cookie_is_for_this_host_and_safe_lines_and_no_script()
    {
        await using var stage = await DashboardStage.StartAsync(new DashboardOptions { Token = Token });
        var fields = DashboardStage.Hidden(await stage.GetAsync("/sign-in"));
        fields["token"] = Token;
        using var answer = await stage.PostAsync("/sign-in", fields);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(set => set.StartsWith("__Host-", StringComparison.Ordinal));
        foreach (var word in new[] { "path=/", "secure", "httponly", "samesite=strict" }) { cookie.ToLowerInvariant().ShouldContain(word); }
        cookie.ToLowerInvariant().ShouldNotContain("domain=");
    }

    [Fact]
    public async Task No_token_is_taken_on_a_line_that_others_can_read()
    {
        await using var stage = await DashboardStage.StartAsync(new DashboardOptions { Token = Token });
        stage.Peer = IPAddress.Parse("192.0.2.7");
        using (var page = await stage.SendAsync(HttpMethod.Get, "/sign-in"))
        {
            (page.StatusCode, (await page.Content.ReadAsStringAsync()).Contains(DashboardErrors.LineInsecure, StringComparison.Ordinal)).ShouldBe((HttpStatusCode.BadRequest, true));
        }

        stage.IsHttps = true;
        var fields = DashboardStage.Hidden(await stage.GetAsync("/sign-in"));
        fields["token"] = Token;
        using var answer = await stage.PostAsync("/sign-in", fields, ("Origin", "https://localhost"));
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public void A_token_that_could_be_guessed_is_refused_at_the_start() =>
        Should.Throw<PosthouseException>(() => new DashboardOptions { Token = "short" }.Checked()).Code.ShouldBe(ErrorCodes.OptionsInvalid);

    [Theory]
    [InlineData("Forwarded", "for=192.0.2.7")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("x-forwarded-host", "localhost")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task What_a_proxy_passes_on_is_not_taken_for_this_machine(string name, string value)
    {
        await using var stage = await DashboardStage.StartAsync();
        using var answer = await stage.SendAsync(HttpMethod.Get, "/", [(name, value)]);
        (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains(DashboardErrors.LocalOnly, StringComparison.Ordinal)).ShouldBe((HttpStatusCode.Forbidden, true));
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/queue/pause")]
    public async Task A_form_of_more_fields_than_are_read_is_none_of_ours(string path)
    {
        var log = new StringWriter();
        await using var stage = await DashboardStage.StartAsync(new DashboardOptions { Token = Token }, Logged(log));
        using var answer = await stage.PostAsync(path, Enumerable.Range(0, 1_100).Select(number => KeyValuePair.Create($"f{number}", "")));
        (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains(DashboardErrors.FormExpired, StringComparison.Ordinal)).ShouldBe((HttpStatusCode.BadRequest, true));
        log.ToString().ShouldNotContain("[5000]");
    }

    [Fact]
    public async Task Wrong_tokens_are_logged_with_their_address_once_a_second_at_most()
    {
        var log = new StringWriter();
        await using var stage = await DashboardStage.StartAsync(new DashboardOptions { Token = Token }, Logged(log));
        for (var tries = 0; tries < 3; tries++) { await stage.AnswerAsync("/sign-in", ("token", "another secret word")); }
        log.ToString().Split("[5201] A wrong token was given to the dashboard from 127.0.0.1.").Length.ShouldBe(2);
        stage.Time.Advance(TimeSpan.FromSeconds(1));
        await stage.AnswerAsync("/sign-in", ("token", "another secret word"));
        log.ToString().Split("[5201]").Length.ShouldBe(3);
        log.ToString().ShouldNotContain("secret word");
    }

    private static Action<IServiceCollection> Logged(TextWriter log) =>
        services => services.AddSingleton<ILoggerProvider>(new LineLog(log, TimeProvider.System, LogLevel.Information));

    [Fact]
    public async Task A_form_too_large_is_not_read()
    {
        await using var stage = await DashboardStage.StartAsync();
        using var answer = await stage.PostAsync("/queue/edit", new Dictionary<string, string> { ["payload"] = new('x', DashboardEdge.MaxFormBytes) });
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }
}
