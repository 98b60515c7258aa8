using System.Diagnostics;
using System.Text.Json;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>The built program as a provider, and a buyer in JavaScript whose wallet (viem) nobody here wrote.</summary>
public sealed class FirstOrderTests : IDisposable
{
    private static readonly TimeSpan _safetyNet = TimeSpan.FromSeconds(90);

    private readonly string _data = Directory.CreateTempSubdirectory("posthouse-order-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_viem_buyer_pays_and_is_served_and_a_listener_that_starts_late_gets_the_push_by_itself()
    {
        string[] delays = ["00:00:00", "00:00:01", "00:00:01", "00:00:02", "00:00:02", "00:00:02"];
        var sets = delays.SelectMany((delay, index) => new[] { "--set", $"Ivxp:Push:Delays:{index}={delay}" });
        using var server = PosthouseProcess.Start(["serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", _data, .. sets]);
        var url = (await server.LineAsync())["Serving ".Length..];

        var steps = await BuyAsync(url);

        steps.Keys.ShouldBe(["catalog", "stranger", "accepted", "served", "stolen", "away", "pushed", "posted"]);
        steps["catalog"].GetProperty("services").EnumerateArray().Select(service => service.GetString()).ShouldBe(["text_echo", "research", "slow", "broken"]);
        steps["stranger"].GetProperty("status").GetInt32().ShouldBe(401);
        (steps["accepted"].GetProperty("status").GetInt32(), steps["accepted"].GetProperty("again").GetInt32()).ShouldBe((200, 200));
        steps["served"].GetProperty("content").GetProperty("text").GetString().ShouldBe("größe 🌍 \"x\"");
        steps["served"].GetProperty("after").GetString().ShouldBe("delivered");
        steps["stolen"].GetProperty("status").GetInt32().ShouldBe(402);
        (steps["away"].GetProperty("error").GetString(), steps["away"].GetProperty("push").GetString()).ShouldBe(("unreachable", "scheduled"));
        steps["pushed"].GetProperty("attempt").GetInt32().ShouldBeGreaterThan(1);
        steps["pushed"].GetProperty("content").GetProperty("text").GetString().ShouldBe("größe 🌍 \"x\"");
        server.AskToEnd();
        (await server.ExitAsync()).ShouldBe(0);
    }

    private static async Task<Dictionary<string, JsonElement>> BuyAsync(string url)
    {
        var scripts = Path.Combine(Root(), "tests", "js");
        Directory.Exists(Path.Combine(scripts, "node_modules")).ShouldBeTrue("run 'npm ci' in tests/js, or ./test, which does");
        var start = new ProcessStartInfo("node") { WorkingDirectory = scripts, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("buyer.mjs");
        start.ArgumentList.Add(url);
        using var buyer = Process.Start(start)!;
        try
        {
            var (output, error) = (buyer.StandardOutput.ReadToEndAsync(), buyer.StandardError.ReadToEndAsync());
            await buyer.WaitForExitAsync().WaitAsync(_safetyNet);
            buyer.ExitCode.ShouldBe(0, await error);
            return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
                .ToDictionary(step => step.GetProperty("step").GetString()!);
        }
        finally
        {
            if (!buyer.HasExited) { buyer.Kill(); }
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Posthouse.slnx"))) { folder = folder.Parent!; }
        return folder.FullName;
    }
}
