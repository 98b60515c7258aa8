using System.Text;
using System.Text.Json;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Queue;

/// <summary>Reads stored events into what applications see. Results of types this process does not know stay unread.</summary>
internal sealed class JobEventReader(JobRegistry registry)
{
    /// <summary>The event, or null when it is of another room or of a kind that a newer version wrote.</summary>
    public JobEvent? Read(StoredEvent stored)
    {
        if (stored.Room != JobEventBodies.Room || !JobId.TryParse(stored.Subject, out var id))
        {
            return null;
        }

        using var document = JsonDocument.Parse(stored.Body);
        var body = document.RootElement;
        var name = body.GetProperty("name"u8).GetString()!;
        var (position, at, owner) = (stored.Position, stored.At, stored.Owner);
        return stored.Kind switch
        {
            JobEventBodies.Accepted => new JobAccepted(position, at, id, name, owner, Result(name, body, "optimistic")),
            JobEventBodies.Done => new JobDone(position, at, id, name, owner, Result(name, body, "result")),
            JobEventBodies.AttemptFailed => new JobAttemptFailed(position, at, id, name, owner, body.GetProperty("attempt"u8).GetInt32(), FailureOf(body),
                body.TryGetProperty("next_at"u8, out var next) ? DateTimeOffset.FromUnixTimeMilliseconds(next.GetInt64()) : null,
                body.GetProperty("final"u8).GetBoolean()),
            JobEventBodies.Dead => new JobDead(position, at, id, name, owner, Reason(body), body.GetProperty("attempts"u8).GetInt32(),
                body.TryGetProperty("message"u8, out var message) ? message.GetString() : null),
            JobEventBodies.Discarded => new JobDiscarded(position, at, id, name, owner, Reason(body)),
            JobEventBodies.Retried => new JobRetried(position, at, id, name, owner),
            _ => null,
        };
    }

    /// <summary>The result, or null when this process does not know the type, or not the shape that another version wrote.</summary>
    private object? Result(string name, JsonElement body, string property)
    {
        if (!registry.TryGet(name, out var descriptor) || !body.TryGetProperty(property, out var raw))
        {
            return null;
        }

        try
        {
            return descriptor.ReadResultObject(Encoding.UTF8.GetBytes(raw.GetRawText()));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DeadReason Reason(JsonElement body) => (DeadReason)body.GetProperty("reason"u8).GetInt32();

    private static Failure FailureOf(JsonElement body) => new((FailureKind)body.GetProperty("kind"u8).GetInt32(), body.GetProperty("message"u8).GetString() ?? "")
    {
        StatusCode = body.TryGetProperty("status"u8, out var status) ? status.GetInt32() : null,
    };
}
