using System.Text.Json;
using System.Text.Json.Serialization;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh;

/// <summary>The JSON of what readers are told, in the original's names.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NodeIdJson)])]
[JsonSerializable(typeof(NetworkStatus))]
[JsonSerializable(typeof(ServedPrice))]
[JsonSerializable(typeof(Dictionary<string, ServedPrice>))]
[JsonSerializable(typeof(IReadOnlyList<MeshProvider>))]
[JsonSerializable(typeof(IReadOnlyList<MeshPeer>))]
[JsonSerializable(typeof(IReadOnlyList<MeshEvent>))]
[JsonSerializable(typeof(PriceHistoryView))]
internal sealed partial class MeshJson : JsonSerializerContext;

/// <summary>The last hour of one asset.</summary>
/// <param name="Points">Its points, oldest first.</param>
internal sealed record PriceHistoryView(IReadOnlyList<PricePoint> Points);

/// <summary>A node's id in JSON: its text form.</summary>
internal sealed class NodeIdJson : JsonConverter<NodeId>
{
    public override NodeId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        NodeId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("A node's id has 36 characters with hyphens.");

    public override void Write(Utf8JsonWriter writer, NodeId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
