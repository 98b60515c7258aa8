using System.Buffers;
using System.Text.Json;
using Posthouse.Jobs;

namespace Posthouse.Storage;

/// <summary>
/// The kinds and bodies of the events that stores append, in one place, so that all stores say the same. Bodies are JSON;
/// results stand in them as they were written.
/// </summary>
internal static class JobEventBodies
{
    public const string Room = "jobs";
    public const string Accepted = "JobAccepted";
    public const string AttemptFailed = "JobAttemptFailed";
    public const string Done = "JobDone";
    public const string Dead = "JobDead";
    public const string Discarded = "JobDiscarded";
    public const string Retried = "JobRetried";

    /// <summary>A job was stored; carries the optimistic result.</summary>
    public static byte[] OfAccepted(string name, byte[] optimistic) => Write(name, "optimistic", optimistic, null);

    /// <summary>A job arrived; carries the result.</summary>
    public static byte[] OfDone(string name, byte[] result) => Write(name, "result", result, null);

    /// <summary>A try failed.</summary>
    /// <param name="name">The job's type.</param>
    /// <param name="attempts">Counted attempts, this one included if it counted.</param>
    /// <param name="failure">What went wrong.</param>
    /// <param name="nextAt">The next try's time in Unix milliseconds; null when there is none by itself.</param>
    /// <param name="isFinal">Whether the job is dead now.</param>
    public static byte[] OfAttemptFailed(string name, int attempts, Failure failure, long? nextAt, bool isFinal) =>
        Write(name, null, null, json =>
        {
            json.WriteNumber("attempt"u8, attempts);
            json.WriteNumber("kind"u8, (int)failure.Kind);
            json.WriteString("message"u8, Shorten(failure.Message));
            if (failure.StatusCode is { } status)
            {
                json.WriteNumber("status"u8, status);
            }

            if (nextAt is { } at)
            {
                json.WriteNumber("next_at"u8, at);
            }

            json.WriteBoolean("final"u8, isFinal);
        });

    /// <summary>A job needs a decision, or (Discarded) was closed without arriving.</summary>
    public static byte[] OfEnded(string name, DeadReason reason, int attempts, string? message) => Write(name, null, null, json =>
    {
        json.WriteNumber("reason"u8, (int)reason);
        json.WriteNumber("attempts"u8, attempts);
        if (message is not null)
        {
            json.WriteString("message"u8, Shorten(message));
        }
    });

    /// <summary>A dead job is pending again by a decision.</summary>
    public static byte[] OfRetried(string name) => Write(name, null, null, null);

    internal static string Shorten(string message) =>
        message.Length <= Failure.MaxMessageLength ? message : string.Concat(message.AsSpan(0, Failure.MaxMessageLength - 1), "…");

    private static byte[] Write(string name, string? rawName, byte[]? raw, Action<Utf8JsonWriter>? more)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + (raw?.Length ?? 0));
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            if (rawName is not null && raw is { Length: > 0 })
            {
                json.WritePropertyName(rawName);
                json.WriteRawValue(raw, skipInputValidation: true);
            }

            more?.Invoke(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
