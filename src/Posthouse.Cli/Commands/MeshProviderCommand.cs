using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse mesh provider enable|disable</c>: has a node provide prices, or stop.</summary>
internal static class MeshProviderCommand
{
    public static Command Create(TimeProvider time)
    {
        var keyFile = new Option<string?>("--key-file") { Description = "The file with the vendor's key, readable by you alone; otherwise the server's own", HelpName = "FILE" };
        var enable = new Command("enable", "Tries the source, and provides prices from now on") { keyFile };
        enable.SetAction((parsed, cancellationToken) => SwitchAsync(parsed, time, "enable", Body(parsed.GetValue(keyFile)), cancellationToken));
        var disable = new Command("disable", "Provides prices no more; the node still relays and serves them");
        disable.SetAction((parsed, cancellationToken) => SwitchAsync(parsed, time, "disable", default, cancellationToken));
        return new("provider", "Has the node provide prices, or stop") { enable, disable, MeshSite.TokenFile };
    }

    private static async Task<int> SwitchAsync(ParseResult parsed, TimeProvider time, string to, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var site = MeshSite.Of(parsed, time);
        var answer = await site.PostAsync("/api/mesh/provider/" + to, body, cancellationToken);
        site.Output.WriteLine(site.Json
            ? answer.GetRawText()
            : $"{site.Terminal.DoneMark} Node {answer.GetProperty("node_id").GetString()} {(answer.GetProperty("enabled").GetBoolean() ? "provides prices" : "provides no prices any more")}");
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
