using System.Buffers;
using System.Text.Json;
using Posthouse.Storage;

namespace Posthouse.Vcs.Sync;

/// <summary>
/// What the log keeps of an operation's end, or of a try that failed: the history of a project. Written in the transaction that
/// settles the job, so that it is there exactly if that is.
/// </summary>
/// <param name="Operation">The job's type, for example <c>vcs.acquire</c>.</param>
/// <param name="CloneId">The clone.</param>
/// <param name="Summary">One line for people.</param>
internal sealed record OperationNote(string Operation, string CloneId, string Summary)
{
    /// <summary>The room in the log.</summary>
    public const string Room = "vcs";

    /// <summary>It arrived.</summary>
    public const string Done = "done";

    /// <summary>A try failed; the job's own events say whether there is another.</summary>
    public const string Failed = "failed";

    /// <summary>The locked path, or null.</summary>
    public string? Resource { get; init; }

    /// <summary>The branch, or null.</summary>
    public string? Branch { get; init; }

    /// <summary>The tenure, or null.</summary>
    public string? LockId { get; init; }

    /// <summary>The commit, or null.</summary>
    public string? Commit { get; init; }

    /// <summary>Who has the lock, or had it, or null.</summary>
    public string? Holder { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public RemoteFailure? Failure { get; init; }

    /// <summary>Appends it to the log, about its job.</summary>
    public void Append(IWrite write, string jobId) => write.Append(new EventDraft(Room, jobId, Failure is null ? Done : Failed, null, ToJson()));

    /// <summary>Reads an event of this room; null where it is none, or of a later version.</summary>
    public static OperationNote? TryRead(StoredEvent stored)
    {
        if (stored.Room != Room) { return null; }

        try
        {
            using var document = JsonDocument.Parse(stored.Body);
            var root = document.RootElement;
            return new OperationNote(Text(root, "operation") ?? "", Text(root, "clone") ?? "", Text(root, "summary") ?? "")
            {
                Resource = Text(root, "resource"),
                Branch = Text(root, "branch"),
                LockId = Text(root, "lock_id"),
                Commit = Text(root, "commit"),
                Holder = Text(root, "holder"),
                Failure = root.TryGetProperty("failure", out var failure) ? ReadFailure(failure) : null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("operation", Operation);
            json.WriteString("clone", CloneId);
            json.WriteString("summary", Summary);
            Write(json, "resource", Resource);
            Write(json, "branch", Branch);
            Write(json, "lock_id", LockId);
            Write(json, "commit", Commit);
            Write(json, "holder", Holder);
            if (Failure is { } failure) { WriteFailure(json, failure); }
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteFailure(Utf8JsonWriter json, RemoteFailure failure)
    {
        json.WriteStartObject("failure");
        json.WriteString("category", JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.Category.ToString()));
        json.WriteString("code", failure.Code);
        json.WriteString("message", failure.Message);
        Write(json, "hint", failure.Hint);
        if (failure.RetryAfter is { } wait) { json.WriteNumber("retry_after_s", wait.TotalSeconds); }
        if (failure.StatusCode is { } status) { json.WriteNumber("status", status); }
        json.WriteEndObject();
    }

    private static RemoteFailure ReadFailure(JsonElement json) => new(CategoryOf(json.GetProperty("category")), Text(json, "message") ?? "")
    {
        Code = Text(json, "code")!,
        Hint = Text(json, "hint"),
        RetryAfter = json.TryGetProperty("retry_after_s", out var wait) ? TimeSpan.FromSeconds(wait.GetDouble()) : null,
        StatusCode = json.TryGetProperty("status", out var status) ? status.GetInt32() : null,
    };

    /// <summary>Written as its word, as errors are; earlier as its number.</summary>
    private static FailureCategory CategoryOf(JsonElement category) => category.ValueKind is JsonValueKind.Number ? (FailureCategory)category.GetInt32()
        : Enum.TryParse<FailureCategory>(category.GetString()?.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var known) ? known : FailureCategory.Unknown;

    private static void Write(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) { json.WriteString(name, value); }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
