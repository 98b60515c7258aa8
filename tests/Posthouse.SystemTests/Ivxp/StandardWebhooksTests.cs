using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Posthouse.Ivxp.Egress;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>Our signatures before the library of Standard Webhooks from npm.</summary>
public sealed class StandardWebhooksTests
{
    private static readonly TimeSpan _safetyNet = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_library_of_Standard_Webhooks_takes_our_signatures_and_refuses_what_was_changed_or_is_old()
    {
        var now = TimeProvider.System.GetUtcNow();
        var secret = "whsec_" + Convert.ToBase64String(Enumerable.Range(1, 32).Select(i => (byte)(i * 7)).ToArray());
        var other = "whsec_" + Convert.ToBase64String(Enumerable.Range(1, 32).Select(i => (byte)(i * 5)).ToArray());
        const string Body = """{"order_id":"ivxp-1","text":"größe 🌍 \"x\""}""";

        (await CheckAsync(
            Line(secret, secret, now, Body, Body),
            Line(secret, secret, now, Body, Body + " "),
            Line(secret, other, now, Body, Body),
            Line(secret, secret, now - TimeSpan.FromMinutes(6), Body, Body),
            Line(secret, secret, now, "{}", "{}"))).Select(line => line.Split(':')[0]).ShouldBe(["good", "bad", "bad", "bad", "good"]);
    }

    private static string Line(string signs, string checks, DateTimeOffset at, string signed, string sent) => JsonSerializer.Serialize(new
    {
        secret = checks,
        headers = WebhookSignature.Fields(signs, "delivery-1-abc", at, Encoding.UTF8.GetBytes(signed)).ToDictionary(field => field.Key, field => field.Value),
        body = sent,
    });

    private static async Task<string[]> CheckAsync(params string[] lines)
    {
        var scripts = Path.Combine(Root(), "tests", "js");
        Directory.Exists(Path.Combine(scripts, "node_modules", "standardwebhooks")).ShouldBeTrue("run 'npm ci' in tests/js, or ./test, which does");
        var start = new ProcessStartInfo("node", ["webhook.mjs"]) { WorkingDirectory = scripts, RedirectStandardInput = true, RedirectStandardOutput = true };
        using var node = Process.Start(start)!;
        foreach (var line in lines)
            await node.StandardInput.WriteLineAsync(line);
        node.StandardInput.Close();
        var said = await node.StandardOutput.ReadToEndAsync().WaitAsync(_safetyNet);
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Posthouse.slnx"))) { folder = folder.Parent!; }
        return folder.FullName;
    }
}
