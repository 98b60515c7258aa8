using System.Diagnostics;
using System.Text.Json;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>The real program spoken to as agents do: JSON-RPC, a line for a message.</summary>
[Collection(OnePocket.Name)]
public sealed class McpTests : IDisposable
{
    private static readonly TimeSpan _safetyNet = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-mcp-").FullName;

    public McpTests() => Environment.SetEnvironmentVariable("POSTHOUSE_HOME", Path.Combine(_folder, "pocket"));

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("POSTHOUSE_HOME", null);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_agent_buys_within_its_budget_and_a_restart_gives_it_no_other()
    {
        using var server = PosthouseProcess.Start("serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        var url = (await server.LineAsync())["Serving ".Length..];
        string order;
        using (var agent = new Agent("--budget", "10", "--provider", url))
        {
            (await agent.BeginAsync()).ShouldBe(["buy", "catalog", "confirm", "download", "list", "quote", "status"]);
            (await agent.CallAsync("catalog", new { })).Text.ShouldContain("text_echo");
            (await agent.CallAsync("quote", new { service = "text_echo", description = "x" })).Json.GetProperty("price_usdc").GetDecimal().ShouldBe(5);
            var bought = (await agent.CallAsync("buy", new { service = "text_echo", description = "hello" })).Json;
            bought.GetProperty("content").GetProperty("text").GetString().ShouldBe("hello");
            order = bought.GetProperty("order_id").GetString()!;
            (await agent.CallAsync("status", new { order_id = order })).Json.GetProperty("status").GetString().ShouldBe("delivered");
            var tooDear = await agent.CallAsync("buy", new { service = "research", description = "x" });
            (tooDear.IsError, tooDear.Text.Contains("ALLOWANCE_SPENT", StringComparison.Ordinal)).ShouldBe((true, true), tooDear.Text);
        }

        using (var again = new Agent("--budget", "10", "--provider", url))
        {
            await again.BeginAsync();
            (await again.CallAsync("list", new { })).Json.GetProperty("spent_usdc").GetString().ShouldBe("5");
            (await again.CallAsync("download", new { order_id = order })).Json.GetProperty("content").GetProperty("text").GetString().ShouldBe("hello");
            (await again.CallAsync("buy", new { service = "text_echo", description = "second" })).IsError.ShouldBeFalse();
            (await again.CallAsync("buy", new { service = "text_echo", description = "third" })).IsError.ShouldBeTrue();
        }

        server.AskToEnd();
        await server.ExitAsync();
    }

    [Fact]
    public async Task What_was_read_is_answered_before_the_end_of_input_counts()
    {
        using var process = Process.Start(Agent.Program())!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync("""
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}
            this is no message
            {"jsonrpc":"2.0","id":"two","method":"tools/list"}
            {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"download","arguments":{"order_id":"ivxp-0"}}}

            """.ReplaceLineEndings("\n"));
        process.StandardInput.Close();

        var lines = (await output.WaitAsync(_safetyNet)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();

        lines.Select(line => line.GetProperty("id").ToString()).Where(id => id.Length > 0).ShouldBe(["1", "two", "3"], ignoreOrder: true);
        lines.Any(line => line.TryGetProperty("error", out var error) && error.GetProperty("code").GetInt32() == -32700).ShouldBeTrue();
        var tools = lines.Single(line => line.GetProperty("id").ToString() == "two").GetProperty("result").GetProperty("tools").EnumerateArray();
        tools.Single(tool => tool.GetProperty("name").GetString() == "download").GetProperty("annotations").GetProperty("readOnlyHint").GetBoolean().ShouldBeFalse();
        var refused = lines.Single(line => line.GetProperty("id").ToString() == "3").GetProperty("result");
        refused.GetProperty("isError").GetBoolean().ShouldBeTrue();
        refused.GetProperty("content")[0].GetProperty("text").GetString().ShouldStartWith("PURCHASE_NOT_FOUND: ");
    }

    /// <summary>The far end of a process's standard input and output.</summary>
    private sealed class Agent : IDisposable
    {
        private readonly Process _process;
        private int _calls;

        public Agent(params string[] words)
        {
            _process = Process.Start(Program(words))!;
        }

        public static ProcessStartInfo Program(params string[] words)
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
            foreach (var word in (string[])[Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll"), "mcp", .. words])
                start.ArgumentList.Add(word);
            return start;
        }

        public async Task<IEnumerable<string>> BeginAsync()
        {
            await AskAsync("initialize", new { protocolVersion = "2025-06-18", capabilities = new { }, clientInfo = new { name = "test", version = "1" } });
            await SendAsync(new { jsonrpc = "2.0", method = "notifications/initialized" });
            return (await AskAsync("tools/list", new { })).GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString()!).Order(StringComparer.Ordinal);
        }

        public async Task<Answer> CallAsync(string tool, object arguments)
        {
            var result = await AskAsync("tools/call", new { name = tool, arguments });
            return new Answer(result.TryGetProperty("isError", out var failed) && failed.GetBoolean(), result.GetProperty("content")[0].GetProperty("text").GetString()!);
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit(_safetyNet).ShouldBeTrue();
            _process.ExitCode.ShouldBe(0);
            _process.Dispose();
        }

        private async Task<JsonElement> AskAsync(string method, object parameters)
        {
            var id = ++_calls;
            await SendAsync(new { jsonrpc = "2.0", id, method, @params = parameters });
            while (true)
            {
                var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(_safetyNet) ?? throw new InvalidOperationException("It ended.");
                var message = JsonDocument.Parse(line).RootElement;
                if (message.TryGetProperty("id", out var answered) && answered.GetInt32() == id)
                    return message.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(line);
            }
        }

        private async Task SendAsync(object message)
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(message));
            await _process.StandardInput.FlushAsync();
        }
    }

    private sealed record Answer(bool IsError, string Text)
    {
        public JsonElement Json => IsError ? throw new InvalidOperationException(Text) : JsonDocument.Parse(Text).RootElement;
    }
}
