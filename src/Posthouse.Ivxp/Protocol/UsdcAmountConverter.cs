using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Posthouse.Ivxp.Protocol;

/// <summary>USDC as a JSON number, read exactly. A string is refused, for the same name means other units in other messages.</summary>
internal sealed class UsdcAmountConverter : JsonConverter<UsdcAmount>
{
    /// <inheritdoc/>
    public override UsdcAmount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && UsdcAmount.TryParse(Text(ref reader), out var amount)
            ? amount
            : throw new JsonException("An amount of USDC is a JSON number, not negative, with at most six decimals.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, UsdcAmount value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToString());

    internal static string Text(ref Utf8JsonReader reader) =>
        Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
}

/// <summary>A limit in USDC that a client may have calculated in floating point: what is below a unit is dropped.</summary>
internal sealed class UsdcFloorConverter : JsonConverter<UsdcAmount>
{
    /// <inheritdoc/>
    public override UsdcAmount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && UsdcAmount.TryParseFloor(UsdcAmountConverter.Text(ref reader), out var amount)
            ? amount
            : throw new JsonException("A budget is a JSON number of USDC, not negative.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, UsdcAmount value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToString());
}
