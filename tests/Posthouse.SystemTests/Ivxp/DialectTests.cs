using System.Diagnostics;
using System.Text.Json;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>The built program as a provider, and one client in JavaScript for each dialect, with wallets (viem) that nobody here wrote.</summary>
public sealed class DialectTests : IDisposable
{
    private static readonly TimeSpan _safetyNet = TimeSpan.FromSeconds(90);

    private readonly string _data = Directory.CreateTempSubdirectory("posthouse-dialect-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_workflow_client_polls_and_follows_streams_to_the_end()
    {
        var steps = await PlayAsync("workflow.mjs");
        steps.Keys.ShouldBe(["polled", "streamed", "unknown"]);
        Text(steps["polled"], "content").ShouldBe("{\"text\":\"größe 🌍\"}");
        Text(steps["polled"], "secret").ShouldStartWith("whsec_");
        (Text(steps["streamed"], "last"), Text(steps["streamed"], "status")).ShouldBe(("completed", "delivered"));
        steps["streamed"].GetProperty("progress").GetBoolean().ShouldBeTrue();
        Text(steps["streamed"], "content").ShouldBe("{\"text\":\"größe 🌍\"}");
        (steps["unknown"].GetProperty("status").GetInt32(), Text(steps["unknown"], "error")).ShouldBe((404, "ORDER_NOT_FOUND"));
    }

    [Fact]
    public async Task A_page_in_a_browser_buys_by_its_first_path_and_by_the_next()
    {
        var steps = await PlayAsync("hub.mjs");
        steps.Keys.ShouldBe(["without wallet", "bought", "fallback", "text of another order"]);
        steps["without wallet"].GetProperty("status").GetInt32().ShouldBe(400);
        (Text(steps["bought"], "title"), Text(steps["bought"], "type")).ShouldBe(("Notes on: größe 🌍", "application/json"));
        Text(steps["fallback"], "title").ShouldBe("Notes on: größe 🌍");
        (steps["text of another order"].GetProperty("status").GetInt32(), Text(steps["text of another order"], "error")).ShouldBe((401, "SIGNATURE_INVALID"));
    }

    [Fact]
    public async Task The_old_Python_programs_find_what_they_wait_for()
    {
        var steps = await PlayAsync("python.mjs");
        (Text(steps["collected"], "status"), Text(steps["collected"], "title"), Text(steps["collected"], "sources")).ShouldBe(("delivered", "Notes on: größe 🌍", "[]"));
        (steps["unpaid"].GetProperty("status").GetInt32(), Text(steps["unpaid"], "word"), Text(steps["unpaid"], "error"))
            .ShouldBe((202, "pending_payment", "DELIVERABLE_NOT_READY"));
    }

    [Fact]
    public async Task The_flat_dialect_is_spoken_when_it_is_asked_for()
    {
        var steps = await PlayAsync("flat.mjs", "--set", "Ivxp:FlatDialect=true");
        Text(steps["collected"], "content").ShouldBe("{\"text\":\"größe 🌍\"}");
        Text(steps["forged"], "error").ShouldBe("The signature is not the order's client's.");
        Text(steps["unknown"], "error").ShouldBe("Order not found");
    }

    private static string Text(JsonElement step, string member) =>
        step.GetProperty(member) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : step.GetProperty(member).GetRawText();

    private async Task<Dictionary<string, JsonElement>> PlayAsync(string script, params string[] sets)
    {
        using var server = PosthouseProcess.Start(["serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", _data, .. sets]);
        var url = (await server.LineAsync())["Serving ".Length..];
        var start = new ProcessStartInfo("node") { WorkingDirectory = Scripts(), RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine("dialects", script));
        start.ArgumentList.Add(url);
        using var client = Process.Start(start)!;
        try
        {
            var (output, error) = (client.StandardOutput.ReadToEndAsync(), client.StandardError.ReadToEndAsync());
            await client.WaitForExitAsync().WaitAsync(_safetyNet);
            client.ExitCode.ShouldBe(0, await error);
            server.AskToEnd();
            (await server.ExitAsync()).ShouldBe(0);
            return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
                .ToDictionary(step => step.GetProperty("step").GetString()!);
        }
        finally
        {
            if (!client.HasExited) { client.Kill(); }
        }
    }

    private static string Scripts()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Posthouse.slnx"))) { folder = folder.Parent!; }
        var scripts = Path.Combine(folder.FullName, "tests", "js");
        Directory.Exists(Path.Combine(scripts, "node_modules")).ShouldBeTrue("run 'npm ci' in tests/js, or ./test, which does");
        return scripts;
    }
}
