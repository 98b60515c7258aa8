using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.SystemTests.Dashboard;

/// <summary>
/// A server as an operator runs it, a provider of prices that it hears, and one real browser, for all tests of the dashboard. Jobs are named by
/// the test that decides about them.
/// </summary>
public sealed class DashboardSite : IAsyncLifetime
{
    /// <summary>What a stranger would love to see executed, in every name, error and payload.</summary>
    internal const string Evil = "<script>window.harmed=1</script>\"'><img src=x onerror=\"window.harmed=1\"><svg onload=window.harmed=1>{{7*7}}javascript:alert(1)";

    /// <summary>No test waits for time to pass; this only ends one that would wait for ever on a busy machine.</summary>
    internal const float Patience = 60_000;

    internal string Root { get; } = Directory.CreateTempSubdirectory("posthouse-dashboard-").FullName;

    internal string Home => Path.Combine(Root, "home");

    /// <summary>Whether it is for pictures: jobs that one would like to see, and a shop.</summary>
    internal bool IsShown { get; init; }

    private readonly int _port = RunningProgram.FreePort();
    private readonly int _providerPort = RunningProgram.FreePort();
    private readonly List<string> _complaints = [];
    private IPlaywright? _playwright;
    private RunningProgram? _server;
    private RunningProgram? _provider;

    internal string Url => $"http://127.0.0.1:{_port}";

    internal IBrowser Browser { get; private set; } = null!;

    internal RunningProgram Server => _server!;

    internal string Station => Path.Combine(Root, "station");

    /// <summary>What pages wrote to their consoles as errors, and scripts that failed.</summary>
    internal IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints) { return [.. _complaints]; }
        }
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Station);
        await (IsShown ? Showcase.FillAsync(this) : FillAsync());
        await Task.WhenAll(StartProviderAsync(), StartServerAsync());
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium(), Args = ["--no-sandbox"] });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Browser is not null) { await Browser.DisposeAsync(); }
        _playwright?.Dispose();
        foreach (var program in new[] { _server, _provider }.OfType<RunningProgram>()) { await program.DisposeAsync(); }
        Directory.Delete(Root, recursive: true);
    }

    internal async Task StartServerAsync()
    {
        // Held by nobody: a server that was killed leaves no lock behind.
        string[] settings = [$"Mesh:Seeds:0=127.0.0.1:{_providerPort}", "Mesh:OfflineAfter=4s"];
        _server = IsShown ? Serve(_port, "station", [.. settings, "--dev"]) : Serve(_port, "station", settings);
        await _server.SaysAsync("Serving ");
    }

    internal async Task StartProviderAsync()
    {
        _provider = Serve(_providerPort, "provider", "Mesh:Provide=true", "Mesh:Source:Use=replay", "Mesh:Source:Speed=30", $"Mesh:Address=127.0.0.1:{_providerPort}");
        await _provider.SaysAsync("Serving ");
    }

    internal Task KillServerAsync() => _server!.KillAsync();

    internal Task KillProviderAsync() => _provider!.KillAsync();

    /// <summary>The one window, opened anew: nothing is left in it of the one before.</summary>
    internal async Task<IPage> OpenAsync(string path = "/", ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 800, bool scripts = true)
    {
        // Of the test before: an open page goes on asking, and twenty of them leave a small machine no time for the next.
        foreach (var old in Browser.Contexts) { await old.CloseAsync(); }
        var context = await Browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Url,
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            JavaScriptEnabled = scripts,
        });
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => Complain(page, error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error") { Complain(page, message.Text); }
        };
        page.Dialog += (_, dialog) => Complain(page, "a dialog: " + dialog.Message);
        await page.GotoAsync(path);
        return page;
    }

    /// <summary>Does something to the server's store from another process' point of view.</summary>
    internal async Task WithStoreAsync(Func<SqliteJobStore, Task> work)
    {
        await using var store = SqliteJobStore.Open(new SqliteStoreOptions { Path = Path.Combine(Station, "posthouse.db"), Time = TimeProvider.System, Ids = SystemIds.Instance }, new JobRegistry());
        await work(store);
    }

    internal async Task<JobRecord> JobAsync(string id)
    {
        JobRecord? job = null;
        await WithStoreAsync(async store => job = await store.GetAsync(JobId.Parse(id)));
        return job!;
    }

    internal static JobDraft Draft(string id, string name = "mail.send", string payload = """{"to":"ann@example.org","subject":"See you at six"}""", string destination = "smtp.example.org", string? lane = null) =>
        new(JobId.Parse(id), name, 1, Encoding.UTF8.GetBytes(payload), """{"sent":true}"""u8.ToArray()) { Destination = destination, Lane = lane };

    /// <summary>Jobs that failed, each for one test to decide about, and enough others for a second page.</summary>
    private Task FillAsync() => WithStoreAsync(async store =>
    {
        string[] failed = ["retry-1", "edit-1", "discard-1", "keys-1", "plain-1", "unscripted-1"];
        await store.EnqueueAsync([
            .. failed.Select(id => Draft(id)),
            Draft("evil-1", Evil, JsonSerializer.Serialize(new { text = Evil }), Evil, Evil) with { Owner = Evil, DeduplicationKey = Evil },
        ]);
        var worker = await store.JoinAsync(() => { });
        var claimed = await store.ClaimAsync(new ClaimRequest(worker, failed.Length + 1, TimeSpan.FromSeconds(60)));
        claimed.Count.ShouldBe(failed.Length + 1);
        foreach (var job in claimed)
        {
            (await store.SettleAsync(job.Lease, new Settlement(SettlementKind.Dead)
            {
                Counted = true,
                Reason = DeadReason.Rejected,
                Failure = new Failure(FailureKind.Permanent, job.Lease.Id.Value == "evil-1" ? Evil : "The mailbox does not exist") { StatusCode = 550 },
            })).ShouldBeTrue();
        }

        await store.LeaveAsync(worker);
        await store.EnqueueAsync([Draft("cancel-1") with { NotBefore = DateTimeOffset.UtcNow.AddHours(100) }]);
        await store.EnqueueAsync([.. Enumerable.Range(1, 60).Select(number => Draft($"later-{number:00}", "report.send", destination: "") with { NotBefore = DateTimeOffset.UtcNow.AddHours(number) })]);
    });

    private RunningProgram Serve(int port, string folder, params string[] settings) => RunningProgram.Start("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll"), "serve", "--urls", $"http://127.0.0.1:{port}", "--data", Path.Combine(Root, folder),
            .. new[] { "Mesh:Enabled=true", "Mesh:Trust=open", "Mesh:Interval=1s" }.Concat(settings).SelectMany(setting => (string[])(setting.StartsWith('-') ? [setting] : ["--set", setting])),
        ], Root, ("POSTHOUSE_HOME", Home));

    private void Complain(IPage page, string what)
    {
        lock (_complaints) { _complaints.Add($"{page.Url}: {what}"); }
    }

    private static string Chromium() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException("The tests of the dashboard need the browser Chromium; './test' installs it.");
}

/// <summary>Puts the tests of the dashboard one after the other, on one server and one browser.</summary>
[CollectionDefinition(Name)]
public sealed class DashboardTests : ICollectionFixture<DashboardSite>
{
    internal const string Name = "dashboard";
}
