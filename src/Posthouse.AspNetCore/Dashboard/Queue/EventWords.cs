using System.Globalization;
using System.Text.Json;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>An event as people read it.</summary>
/// <param name="Tone">What happened.</param>
/// <param name="Subject">What it happened to.</param>
/// <param name="Details">More, in a line.</param>
internal sealed record EventLine(Tone Tone, string Subject, string Details);

/// <summary>Puts stored events into words.</summary>
internal static class EventWords
{
    /// <summary>Most characters of a line.</summary>
    private const int MaxDetails = 300;

    public static EventLine Of(StoredEvent entry)
    {
        if (entry.Room != JobEventBodies.Room) { return new(Tone.Calm(Words(entry.Kind)), entry.Subject, entry.Room); }

        using var body = JsonDocument.Parse(entry.Body);
        var root = body.RootElement;
        var name = root.TryGetProperty("name"u8, out var named) ? named.GetString() ?? "" : "";
        return entry.Kind switch
        {
            JobEventBodies.Accepted => new(Tone.Calm("accepted"), name, ""),
            JobEventBodies.Done => new(Tone.Good("completed"), name, ""),
            JobEventBodies.AttemptFailed => new(Tone.Warn("attempt failed"), name, Cut(Attempt(root))),
            JobEventBodies.Dead => new(Tone.Bad("failed"), name, Cut(Reason(root))),
            JobEventBodies.Discarded => new(new Tone("closed", "×", "calm"), name, Cut(Reason(root))),
            JobEventBodies.Retried => new(Tone.Busy("retried"), name, ""),
            _ => new(Tone.Calm(Words(entry.Kind)), name, ""),
        };
    }

    private static string Attempt(JsonElement body)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"attempt {body.GetProperty("attempt"u8).GetInt32()}: {Message(body)}");
        if (body.TryGetProperty("status"u8, out var status)) { text += string.Create(CultureInfo.InvariantCulture, $" (status {status.GetInt32()})"); }
        return text.TrimEnd('.') + (body.TryGetProperty("next_at"u8, out var next)
            ? "; next try at " + Bits.Clock(DateTimeOffset.FromUnixTimeMilliseconds(next.GetInt64())) + " UTC"
            : "");
    }

    private static string Reason(JsonElement body) => JobFace.Word((DeadReason)body.GetProperty("reason"u8).GetInt32()) + (Message(body) is { Length: > 0 } message ? ": " + message : "");

    private static string Message(JsonElement body) => body.TryGetProperty("message"u8, out var message) ? message.GetString() ?? "" : "";

    private static string Cut(string text) => text.Length <= MaxDetails ? text : text[..MaxDetails] + "…";

    /// <summary><c>OrderPaid</c> becomes <c>order paid</c>.</summary>
    private static string Words(string kind) =>
        string.Concat(kind.Select((letter, at) => char.IsAsciiLetterUpper(letter) ? (at > 0 ? " " : "") + char.ToLowerInvariant(letter) : letter == '_' ? " " : letter.ToString()));
}
