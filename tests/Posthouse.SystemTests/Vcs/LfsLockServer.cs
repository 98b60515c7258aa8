using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Posthouse.SystemTests.Vcs;

/// <summary>
/// A host of the Git LFS File Locking API on a loopback port, written from its document (git-lfs, docs/api/locking.md): accounts by
/// basic authentication, pages, and faults where a test asks for them.
/// </summary>
internal sealed class LfsLockServer : IAsyncDisposable
{
    public const string Password = "open sesame";

    private const int PageSize = 100; // Smaller pages than a client asks for are the host's right.
    private const string MediaType = "application/vnd.git-lfs+json";

    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly List<(string Id, string Path, string Owner, DateTimeOffset At)> _locks = [];
    private int _ids;

    private LfsLockServer(WebApplication app) => _app = app;

    /// <summary>Paths of the requests, in order, each with its method.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Applies the next change and then cuts the connection.</summary>
    public bool DropsNextAnswer { get; set; }

    /// <summary>Answers everything with this status, and with a Retry-After of seven seconds.</summary>
    public int? Status { get; set; }

    /// <summary>The endpoint's address, with an account's name and password where one is given.</summary>
    public string UrlFor(string? account, string? password = null)
    {
        var address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return account is null ? $"{address.Scheme}://{address.Authority}/studio.git/info/lfs" : $"{address.Scheme}://{account}:{Uri.EscapeDataString(password ?? Password)}@{address.Authority}/studio.git/info/lfs";
    }

    public static async Task<LfsLockServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new LfsLockServer(app);
        app.MapPost("/studio.git/info/lfs/locks", context => server.AnswerAsync(context, server.Create));
        app.MapGet("/studio.git/info/lfs/locks", context => server.AnswerAsync(context, server.List));
        app.MapPost("/studio.git/info/lfs/locks/verify", context => server.AnswerAsync(context, server.Verify));
        app.MapPost("/studio.git/info/lfs/locks/{id}/unlock", context => server.AnswerAsync(context, server.Unlock));
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, string, JsonObject, (int Status, JsonObject Body)> service)
    {
        var body = context.Request.Method == "POST" ? (await JsonNode.ParseAsync(context.Request.Body))!.AsObject() : [];
        (int Status, JsonObject Body) answer;
        lock (_gate)
        {
            Requests.Add($"{context.Request.Method} {context.Request.Path.Value!.Replace("/studio.git/info/lfs", "", StringComparison.Ordinal)}");
            answer = Status is { } status ? (status, new JsonObject { ["message"] = "not now" })
                : AccountOf(context) is not { } account ? (401, new JsonObject { ["message"] = "who are you?" })
                : service(context, account, body);
        }

        if (DropsNextAnswer && context.Request.Method == "POST" && !context.Request.Path.Value!.EndsWith("verify", StringComparison.Ordinal))
        {
            DropsNextAnswer = false;
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        if (answer.Status == 401)
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"studio\"";
        if (Status is not null)
            context.Response.Headers.RetryAfter = "7";
        context.Response.ContentType = MediaType;
        await context.Response.WriteAsync(answer.Body.ToJsonString());
    }

    private static string? AccountOf(HttpContext context)
    {
        var field = context.Request.Headers.Authorization.ToString();
        if (!field.StartsWith("Basic ", StringComparison.Ordinal))
            return null;
        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(field[6..])).Split(':', 2);
        return parts is [var account, Password] ? account : null;
    }

    private (int Status, JsonObject Body) Create(HttpContext context, string account, JsonObject body)
    {
        var path = (string)body["path"]!;
        if (_locks.Find(one => one.Path == path) is { Id: not null } there)
            return (409, new JsonObject { ["lock"] = Show(there), ["message"] = "already created lock" });
        var made = ($"{++_ids}", path, account, DateTimeOffset.UtcNow);
        _locks.Add(made);
        return (201, new JsonObject { ["lock"] = Show(made) });
    }

    private (int Status, JsonObject Body) List(HttpContext context, string account, JsonObject body)
    {
        var (path, id) = (context.Request.Query["path"].ToString(), context.Request.Query["id"].ToString());
        var found = _locks.Where(one => (path.Length == 0 || one.Path == path) && (id.Length == 0 || one.Id == id)).ToList();
        var (page, next) = Page(found, context.Request.Query["cursor"].ToString());
        return (200, WithNext(new JsonObject { ["locks"] = Show(page) }, next));
    }

    private (int Status, JsonObject Body) Verify(HttpContext context, string account, JsonObject body)
    {
        var (page, next) = Page(_locks, (string?)body["cursor"] ?? "");
        return (200, WithNext(new JsonObject { ["ours"] = Show(page.Where(one => one.Owner == account)), ["theirs"] = Show(page.Where(one => one.Owner != account)) }, next));
    }

    private (int Status, JsonObject Body) Unlock(HttpContext context, string account, JsonObject body)
    {
        var at = _locks.FindIndex(one => one.Id == (string?)context.Request.RouteValues["id"]);
        if (at < 0)
            return (404, new JsonObject { ["message"] = "no such lock" });
        if (_locks[at].Owner != account && (bool?)body["force"] != true)
            return (403, new JsonObject { ["message"] = $"locked by {_locks[at].Owner}" });
        var gone = _locks[at];
        _locks.RemoveAt(at);
        return (200, new JsonObject { ["lock"] = Show(gone) });
    }

    private static (List<(string Id, string Path, string Owner, DateTimeOffset At)> Page, string? Next) Page(List<(string Id, string Path, string Owner, DateTimeOffset At)> all, string cursor)
    {
        var from = cursor.Length == 0 ? 0 : int.Parse(cursor, CultureInfo.InvariantCulture);
        return (all.Skip(from).Take(PageSize).ToList(), from + PageSize < all.Count ? $"{from + PageSize}" : null);
    }

    private static JsonObject WithNext(JsonObject answer, string? next)
    {
        if (next is not null)
            answer["next_cursor"] = next;
        return answer;
    }

    private static JsonArray Show(IEnumerable<(string Id, string Path, string Owner, DateTimeOffset At)> locks) => new([.. locks.Select(one => (JsonNode)Show(one))]);

    private static JsonObject Show((string Id, string Path, string Owner, DateTimeOffset At) one) => new()
    {
        ["id"] = one.Id,
        ["path"] = one.Path,
        ["locked_at"] = one.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        ["owner"] = new JsonObject { ["name"] = one.Owner },
    };
}
