using System.Text.Json;

namespace Posthouse.Cli.Hosting;

/// <summary>What a verb needs of an event's body.</summary>
internal static class JobEventReading
{
    /// <summary>Whether a failed attempt was the last.</summary>
    public static bool IsFinal(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("final"u8, out var final) && final.ValueKind is JsonValueKind.True;
    }
}
