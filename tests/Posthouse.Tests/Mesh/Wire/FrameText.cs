using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Wire;

/// <summary>What a frame says, as JSON that people and other programs can compare with what they read.</summary>
internal static class FrameText
{
    public static JsonObject Of(Frame frame)
    {
        var text = new JsonObject { ["type"] = frame.Type.ToString() };
        if (frame is SignedFrame signed)
        {
            AddEnvelope(text, signed.Envelope);
            Add(text, signed.Content);
        }
        else
        {
            Add(text, frame);
        }

        return text;
    }

    private static void AddEnvelope(JsonObject text, Envelope envelope)
    {
        text["id"] = envelope.Id.ToString();
        text["ttl"] = envelope.Ttl;
        text["hop"] = envelope.Hop;
        text["signer"] = envelope.Signer.ToString();
        text["certificate"] = Node(envelope.Certificate);
        text["stamp"] = Node(envelope.Stamp);
        text["issued_at"] = Node(envelope.IssuedAt);
    }

    private static void Add(JsonObject text, object record)
    {
        foreach (var property in record.GetType().GetProperties().Where(property => property.Name is not "Type"))
            text[JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)] = Node(property.GetValue(record));
    }

    private static JsonNode? Node(object? value)
    {
        switch (value)
        {
            case null: return null;
            case bool flag: return flag;
            case string or NodeId or MessageId or NetworkId or PublicKey or Enum: return value.ToString();
            case decimal number: return number.ToString(CultureInfo.InvariantCulture);
            // As text: what reads JSON as binary fractions would lose the last digits.
            case ulong number: return number.ToString(CultureInfo.InvariantCulture);
            case byte or int or uint: return Convert.ToInt64(value, CultureInfo.InvariantCulture);
            case DateTimeOffset time: return time.ToUnixTimeMilliseconds();
            case ReadOnlyMemory<byte> bytes: return Convert.ToHexStringLower(bytes.Span);
            case System.Collections.IEnumerable items: return new JsonArray([.. items.Cast<object>().Select(Node)]);
            default:
                var text = new JsonObject();
                Add(text, value);
                return text;
        }
    }
}
