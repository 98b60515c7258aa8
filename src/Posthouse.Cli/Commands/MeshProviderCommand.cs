using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse mesh provider enable|disable|status</c>: has a node provide prices, or stop, or says whether it does.</summary>
internal static class MeshProviderCommand
{
    public static Command Create(TimeProvider time)
    {
        var keyFile = new Option<string?>("--key-file") { Description = "The file with the vendor's key, readable by you alone; otherwise the server's own", HelpName = "FILE" };
        var enable = new Command("enable", "Tries the source, and provides prices from now on") { keyFile };
        enable.SetAction((parsed, cancellationToken) => SwitchAsync(parsed, time, "enable", Body(parsed.GetValue(keyFile)), cancellationToken));
        var disable = new Command("disable", "Provides prices no more; the node still relays and serves them");
        disable.SetAction((parsed, cancellationToken) => SwitchAsync(parsed, time, "disable", default, cancellationToken));
        var status = new Command("status", "Shows whether the node provides prices, and when its source last gave some");
        status.SetAction((parsed, cancellationToken) => ShowAsync(parsed, time, cancellationToken));
        return new("provider", "Has the node provide prices, or stop") { enable, disable, status, MeshSite.Server, MeshSite.Data, MeshSite.TokenFile };
    }

    private static async Task<int> SwitchAsync(ParseResult parsed, TimeProvider time, string to, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var site = MeshSite.Of(parsed, time);
        var answer = await site.PostAsync("/api/mesh/provider/" + to, body, cancellationToken);
        if (site.Json) { return MeshSite.Document(parsed, to + "d", answer.WriteTo); }

        site.Output.WriteLine($"{site.Terminal.DoneMark} Node {answer.GetProperty("node_id").GetString()} {(answer.GetProperty("enabled").GetBoolean() ? "provides prices" : "provides no prices any more")}");
        if (answer.TryGetProperty("warning", out var warning)) { site.Output.WriteLine(TextTable.Clean($"{site.Terminal.WarningMark} {warning.GetString()}", site.Terminal.Unicode)); }
        return ExitCodes.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, TimeProvider time, CancellationToken cancellationToken)
    {
        using var site = MeshSite.Of(parsed, time);
        var status = await site.GetAsync("/api/mesh/provider/status", cancellationToken);
        if (site.Json) { return MeshSite.Document(parsed, "shown", status.WriteTo); }

        site.Output.WriteLine($"Node {status.GetProperty("node_id").GetString()} {(status.GetProperty("enabled").GetBoolean() ? "provides prices" : "provides no prices")}");
        var fetches = status.GetProperty("fetch_count").GetInt64();
        var last = status.TryGetProperty("last_fetch_time", out var at) ? $", the last one {PriceView.Age(Math.Max(0, (long)(time.GetUtcNow() - at.GetDateTimeOffset()).TotalSeconds))} ago" : "";
        site.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Its source gave prices {fetches} time(s) since its start{last}"));
        return ExitCodes.Done;
    }

    /// <summary>A key comes from a file, never from the command line, which every user of the machine can read.</summary>
    private static ReadOnlyMemory<byte> Body(string? keyFile)
    {
        if (keyFile is null) { return default; }

        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("api_key", SecretFile.Read(keyFile));
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
