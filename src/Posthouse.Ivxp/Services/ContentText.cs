using System.Buffers;
using System.Text.Json;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Ivxp.Services;

/// <summary>Limits of services.</summary>
internal static class ServiceLimits
{
    /// <summary>Bytes of a result: the original's receiver takes a body of 1 MiB, and the rest of the message needs some of it.</summary>
    public const int ResultBytes = 1_000_000;
}

/// <summary>Makes contents out of texts.</summary>
internal static class ContentText
{
    /// <summary>An object of texts.</summary>
    public static JsonContent Of(params ReadOnlySpan<(string Name, string Text)> members)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            foreach (var (name, text) in members)
                json.WriteString(name, text);
            json.WriteEndObject();
        }
        return JsonContent.Parse(output.WrittenMemory);
    }
}
