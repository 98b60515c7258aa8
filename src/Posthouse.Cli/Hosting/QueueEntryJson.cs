using System.Text.Encodings.Web;
using System.Text.Json;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>An entry of a queue as a file.</summary>
/// <param name="Id">Its id: a job's, or that of an older program.</param>
/// <param name="Operation">What is wanted; its clone is empty where the file names a folder only.</param>
/// <param name="Folder">The folder of the project.</param>
/// <param name="IsCompleted">Whether it was done.</param>
internal sealed record QueueEntry(string Id, IOperation Operation, string Folder, bool IsCompleted);

/// <summary>
/// The files of <c>queue export</c> and <c>queue import</c>: one JSON object for each entry, in the shape of the sources (QueueEntry with
/// a QueuedOperation), which older programs wrote into <c>~/.oxenvcs/queue</c>. What that shape cannot say stands in a member
/// of our own, which those programs pass over.
/// </summary>
internal static class QueueEntryJson
{
    private const string Own = "posthouse";

    private static readonly JsonWriterOptions _options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A job's file.</summary>
    public static byte[] Write(JobRecord job, IOperation operation, KnownProject? project, string user)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _options))
        {
            json.WriteStartObject();
            json.WriteString("id", job.Id.Value);
            json.WriteStartObject("operation");
            WriteOperation(json, operation, project?.Root ?? "", user);
            json.WriteEndObject();
            json.WriteString("queued_at", job.AcceptedAt);
            json.WriteNumber("attempts", job.Attempts);
            json.WriteNull("last_attempt");
            json.WriteString("last_error", job.Failure?.Message);
            json.WriteNumber("priority", job.Priority);
            json.WriteBoolean("completed", job.State is JobState.Done);
            json.WriteStartObject(Own);
            json.WriteString("name", job.Name);
            json.WritePropertyName("payload");
            json.WriteRawValue(job.Payload);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Reads a file; null where it is no entry.</summary>
    public static QueueEntry? TryRead(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            var wanted = root.GetProperty("operation").EnumerateObject().Single();
            var folder = Text(wanted.Value, "project_path") ?? Text(wanted.Value, "repo_path") ?? "";
            var operation = root.TryGetProperty(Own, out var own)
                ? OpenOperations.TryRead(Text(own, "name") ?? "", JsonSerializer.SerializeToUtf8Bytes(own.GetProperty("payload")))
                : ReadOperation(wanted.Name, wanted.Value);
            return operation is null ? null : new QueueEntry(Text(root, "id") ?? "", operation, folder, root.TryGetProperty("completed", out var done) && done.GetBoolean());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void WriteOperation(Utf8JsonWriter json, IOperation operation, string root, string user)
    {
        var (kind, key) = operation switch
        {
            AcquireLock => ("AcquireLock", "project_path"),
            ReleaseLock => ("ReleaseLock", "project_path"),
            RenewLock => ("RenewLock", "project_path"),
            BreakLock => ("BreakLock", "project_path"),
            PushCommits => ("PushCommits", "repo_path"),
            PullCommits => ("PullCommits", "repo_path"),
            _ => ("SyncComments", "repo_path"),
        };
        json.WriteStartObject(kind);
        json.WriteString(key, root);
        switch (operation)
        {
            case AcquireLock acquire:
                json.WriteString("user_id", user);
                json.WriteNumber("timeout_hours", Hours(acquire.TtlSeconds));
                break;
            case ReleaseLock release:
                json.WriteString("lock_id", release.LockId ?? "pending");
                break;
            case RenewLock renew:
                json.WriteString("lock_id", renew.LockId ?? "pending");
                json.WriteNumber("additional_hours", Hours(renew.TtlSeconds));
                break;
            case BreakLock broken:
                json.WriteString("lock_id", broken.LockId);
                break;
            case PushCommits push:
                json.WriteString("branch", push.Branch);
                break;
            case PullCommits pull:
                json.WriteString("branch", pull.Branch);
                break;
        }

        json.WriteEndObject();
    }

    /// <summary>An operation of the sources' shape: it is about the whole project, and its clone is found by its folder.</summary>
    private static IOperation? ReadOperation(string kind, JsonElement body) => kind switch
    {
        "AcquireLock" => new AcquireLock("", ".", body.GetProperty("timeout_hours").GetInt64() * 3_600),
        "ReleaseLock" => new ReleaseLock("", ".", LockId(body)),
        "RenewLock" => new RenewLock("", ".", body.GetProperty("additional_hours").GetInt64() * 3_600, Adds: true, LockId(body)),
        "PushCommits" => new PushCommits("", Text(body, "branch") ?? "main", ""),
        "PullCommits" => new PullCommits("", Text(body, "branch") ?? "main"),
        "SyncComments" => new SyncComments(""),
        _ => null,
    };

    /// <summary>Older programs wrote "pending" where they did not know the lock.</summary>
    private static string? LockId(JsonElement body) => Text(body, "lock_id") is { Length: > 0 } id and not "pending" ? id : null;

    /// <summary>That shape knows whole hours only.</summary>
    private static long Hours(long seconds) => Math.Max(1, (seconds + 3_599) / 3_600);

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
