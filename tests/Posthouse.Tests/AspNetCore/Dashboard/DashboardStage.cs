using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Dashboard;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.AspNetCore.Dashboard;

/// <summary>A dashboard on a store in which nothing happens by itself, and a browser that keeps cookies and says where it comes from.</summary>
internal sealed partial class DashboardStage : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly WebApplication _app;
    private HttpClient _client = null!;
    private readonly Dictionary<string, string> _cookies = [];
    private InstanceId? _worker;

    private DashboardStage(DashboardOptions? options, Action<IServiceCollection>? more)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<TimeProvider>(Time);
        more?.Invoke(builder.Services);
        builder.Services.AddPosthouse(queue => queue.Dispatches = false).UseSqlite(_folder.File("posthouse.db"));
        builder.Services.AddPosthouseDashboard(options);
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = Peer;
            if (IsHttps) { context.Request.Scheme = "https"; }
            return next(context);
        });
        _app.MapPosthouseDashboard();
    }

    public ManualTimeProvider Time { get; } = new();

    public IPAddress Peer { get; set; } = IPAddress.Loopback;

    public bool IsHttps { get; set; }

    public IServiceProvider Services => _app.Services;

    public IJobStore Store => _app.Services.GetRequiredService<IJobStore>();

    public IReadOnlyDictionary<string, string> Cookies => _cookies;

    public static async Task<DashboardStage> StartAsync(DashboardOptions? options = null, Action<IServiceCollection>? more = null)
    {
        var stage = new DashboardStage(options, more);
        await stage._app.StartAsync();
        stage._client = stage._app.GetTestClient();
        return stage;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    public static JobDraft Draft(string id, string name = "mail.send", string payload = """{"to":"ann"}""", string destination = "", string? lane = null) =>
        new(JobId.Parse(id), name, 1, Encoding.UTF8.GetBytes(payload), "{}"u8.ToArray()) { Destination = destination, Lane = lane };

    /// <summary>Runs the next job and ends it for good.</summary>
    public async Task FailAsync(string message = "Nobody knows ann")
    {
        var worker = _worker ??= await Store.JoinAsync(() => { });
        var claimed = await Store.ClaimAsync(new ClaimRequest(worker, 1, TimeSpan.FromSeconds(60)));
        (await Store.SettleAsync(claimed.ShouldHaveSingleItem().Lease, new Settlement(SettlementKind.Dead)
        {
            Counted = true,
            Reason = DeadReason.Rejected,
            Failure = new Failure(FailureKind.Permanent, message) { StatusCode = 422 },
        })).ShouldBeTrue();
    }

    public async Task<JobRecord> JobAsync(string id) => (await Store.GetAsync(JobId.Parse(id)))!;

    /// <summary>A page as the browser shows it.</summary>
    public async Task<string> GetAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Opens the page with the question and answers it; what the browser sees in the end.</summary>
    public async Task<(HttpStatusCode Status, string Page)> AnswerAsync(string path, params (string Name, string Value)[] given)
    {
        var fields = Hidden(await GetAsync(path));
        foreach (var (name, value) in given) { fields[name] = value; }
        using var answer = await PostAsync(path.Split('?')[0], fields);
        return answer.StatusCode is HttpStatusCode.Redirect ? (answer.StatusCode, await GetAsync(answer.Headers.Location!.ToString())) : (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task<HttpResponseMessage> PostAsync(string path, IEnumerable<KeyValuePair<string, string>> fields, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, headers.Length > 0 ? headers : [("Origin", "http://localhost"), ("Sec-Fetch-Site", "same-origin")], new FormUrlEncodedContent(fields));

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, (string Name, string Value)[]? headers = null, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers ?? []) { request.Headers.TryAddWithoutValidation(name, value); }
        if (_cookies.Count > 0) { request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"))); }
        var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        foreach (var set in answer.Headers.TryGetValues("Set-Cookie", out var sets) ? sets : [])
        {
            var pair = set.Split(';')[0].Split('=', 2);
            if (pair[1].Length == 0) { _cookies.Remove(pair[0]); } else { _cookies[pair[0]] = pair[1]; }
        }

        return answer;
    }

    /// <summary>The hidden fields of a page's form.</summary>
    public static Dictionary<string, string> Hidden(string page) => HiddenField().Matches(page)
        .ToDictionary(field => WebUtility.HtmlDecode(field.Groups["name"].Value), field => WebUtility.HtmlDecode(field.Groups["value"].Value));

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]*)"(?: value(?:="(?<value>[^"]*)")?)?""")]
    private static partial Regex HiddenField();
}
