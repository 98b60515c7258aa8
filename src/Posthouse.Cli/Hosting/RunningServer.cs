using System.Diagnostics;
using System.Text.Json;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>The server that runs on a data folder, as its file <c>serve.json</c> tells.</summary>
/// <param name="Url">Its first address.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="StartedAt">When it was ready.</param>
/// <param name="TokenFile">Where its operator's token is; null: it is no node of a price mesh.</param>
internal sealed record RunningServer(string Url, int ProcessId, DateTimeOffset StartedAt, string? TokenFile = null)
{
    /// <summary>The server of a folder, or null when none runs: a file that a killed server left behind counts for nothing.</summary>
    public static RunningServer? Find(string folder)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Places.ServeFile(folder)));
            var root = json.RootElement;
            var server = new RunningServer(root.GetProperty("url").GetString()!, root.GetProperty("pid").GetInt32(), root.GetProperty("start").GetDateTimeOffset(),
                root.TryGetProperty("token_file", out var token) ? token.GetString() : null);
            using var process = Process.GetProcessById(server.ProcessId);
            // After a reboot another program may have the number; it has then begun later than the server was ready.
            return !process.HasExited && process.StartTime.ToUniversalTime() <= server.StartedAt.UtcDateTime ? server : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or ArgumentException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Tells verbs about this server.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Announce(string folder)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("url", Url);
            json.WriteNumber("pid", ProcessId);
            json.WriteString("start", StartedAt);
            if (TokenFile is not null) { json.WriteString("token_file", TokenFile); }
            json.WriteEndObject();
        }

        Durable.WriteAllBytesAtomically(Places.ServeFile(folder), buffer.ToArray());
    }

    /// <summary>Takes the announcement back.</summary>
    public static void Withdraw(string folder) => File.Delete(Places.ServeFile(folder));
}
