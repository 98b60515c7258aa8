using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Cli.Output;

/// <summary>The shapes that <c>--json</c> promises; docs/cli.md lists them. Members are added, never renamed.</summary>
internal static class JobJson
{
    /// <summary>Text for terminals and pipes, not for web pages: letters stay letters.</summary>
    private static readonly JsonWriterOptions _indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions _oneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One JSON object that begins with the store.</summary>
    /// <param name="place">The store.</param>
    /// <param name="exists">Whether it is there.</param>
    /// <param name="members">Writes the other members.</param>
    /// <param name="oneLine">Whether the object is one of several, each on a line of its own.</param>
    public static string Object(StorePlace place, bool exists, Action<Utf8JsonWriter> members, bool oneLine = false) => Text(json => Data(json, place, exists, members), oneLine);

    /// <summary>The same inside a document.</summary>
    public static void Data(Utf8JsonWriter json, StorePlace place, bool exists, Action<Utf8JsonWriter> members)
    {
        json.WriteStartObject();
        json.WriteStartObject("store");
        json.WriteString("kind", JobWords.Word(place.Kind));
        json.WriteString("path", place.Shown);
        json.WriteBoolean("exists", exists);
        Texts(json, "put_aside", place.PutAside);
        json.WriteEndObject();
        members(json);
        json.WriteEndObject();
    }

    public static void Counts(Utf8JsonWriter json, QueueCounts counts)
    {
        json.WriteStartObject("counts");
        json.WriteNumber("ready", counts.Ready);
        json.WriteNumber("scheduled", counts.Scheduled);
        json.WriteNumber("waiting", counts.Waiting);
        json.WriteNumber("held", counts.Held);
        json.WriteNumber("running", counts.Running);
        json.WriteNumber("completed", counts.Done);
        json.WriteNumber("failed", counts.Failed);
        json.WriteNumber("closed", counts.Closed);
        json.WriteNumber("open", counts.Open);
        json.WriteNumber("open_bytes", counts.OpenBytes);
        json.WriteEndObject();
        json.WriteBoolean("paused", counts.Paused);
        Texts(json, "paused_destinations", counts.PausedDestinations);
        Time(json, "oldest_open", counts.OldestOpen);
        Time(json, "next_due", counts.NextDue);
    }

    public static void Jobs(Utf8JsonWriter json, IEnumerable<JobRecord> jobs, Action<Utf8JsonWriter, JobRecord>? facts = null)
    {
        json.WriteStartArray("jobs");
        foreach (var job in jobs)
        {
            json.WriteStartObject();
            Fields(json, job);
            facts?.Invoke(json, job);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Every field but the bytes.</summary>
    public static void Fields(Utf8JsonWriter json, JobRecord job)
    {
        json.WriteString("id", job.Id.Value);
        json.WriteNumber("seq", job.Seq);
        json.WriteString("name", job.Name);
        json.WriteNumber("version", job.Version);
        json.WriteString("state", JobWords.Word(job.State));
        json.WriteString("gate", job.Gate is { } gate ? JobWords.Word(gate) : null);
        json.WriteString("hold", job.Hold is { } hold ? JobWords.Word(hold) : null);
        json.WriteString("reason", job.Reason is { } reason ? JobWords.Word(reason) : null);
        json.WriteBoolean("needs_decision", job.Reason is { } why && JobLaw.NeedsDecision(why));
        json.WriteString("destination", job.Destination);
        json.WriteString("lane", job.Lane);
        json.WriteString("deduplication_key", job.DeduplicationKey);
        json.WriteString("owner", job.Owner);
        json.WriteNumber("priority", job.Priority);
        json.WriteString("when_dead", JobWords.Word(job.WhenDead));
        json.WriteString("run_at", job.RunAt);
        Time(json, "expires_at", job.ExpiresAt);
        json.WriteString("accepted_at", job.AcceptedAt);
        Time(json, "ended_at", job.EndedAt);
        json.WriteNumber("claims", job.Claims);
        json.WriteNumber("lost", job.Lost);
        json.WriteNumber("attempts", job.Attempts);
        if (job.MaxAttempts is { } most) { json.WriteNumber("max_attempts", most); } else { json.WriteNull("max_attempts"); }
        json.WriteString("instance", job.Instance);
        Time(json, "lease_until", job.LeaseUntil);
        Texts(json, "waits_for", job.WaitsFor.Select(id => id.Value));
        Failure(json, job.Failure);
    }

    /// <summary>Bytes as the JSON they are, or in base 64 under the name with <c>_base64</c>.</summary>
    public static void Bytes(Utf8JsonWriter json, string name, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { Length: > 0 } some) { json.WriteNull(name); }
        else if (TryParse(some) is { } document)
        {
            using (document)
            {
                json.WritePropertyName(name);
                document.RootElement.WriteTo(json);
            }
        }
        else { json.WriteBase64String(name + "_base64", some.Span); }
    }

    /// <summary>JSON over several lines, or null for bytes that are no JSON.</summary>
    public static string? Pretty(ReadOnlyMemory<byte> bytes)
    {
        using var document = TryParse(bytes);
        return document is null ? null : Text(document.RootElement.WriteTo, oneLine: false);
    }

    /// <summary>An event's body with the words of jobs in place of the stored numbers.</summary>
    public static void EventBody(Utf8JsonWriter json, ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        json.WriteStartObject();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.NameEquals("kind"u8) && member.Value.TryGetInt32(out var kind)) { json.WriteString("kind", JobWords.Word((FailureKind)kind)); }
            else if (member.NameEquals("reason"u8) && member.Value.TryGetInt32(out var reason)) { json.WriteString("reason", JobWords.Word((DeadReason)reason)); }
            else { member.WriteTo(json); }
        }

        json.WriteEndObject();
    }

    /// <summary>The same in one line.</summary>
    public static string EventLine(ReadOnlyMemory<byte> body) => Text(json => EventBody(json, body), oneLine: true);

    public static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at) { json.WriteString(name, at); } else { json.WriteNull(name); }
    }

    private static void Failure(Utf8JsonWriter json, Failure? failure)
    {
        if (failure is null)
        {
            json.WriteNull("failure");
            return;
        }

        json.WriteStartObject("failure");
        json.WriteString("kind", JobWords.Word(failure.Kind));
        if (failure.StatusCode is { } status) { json.WriteNumber("status", status); }
        json.WriteString("message", failure.Message);
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) { json.WriteStringValue(text); }
        json.WriteEndArray();
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(Action<Utf8JsonWriter> write, bool oneLine)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, oneLine ? _oneLine : _indented)) { write(json); }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
