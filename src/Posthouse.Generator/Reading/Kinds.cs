using Microsoft.CodeAnalysis;

namespace Posthouse.Generator.Reading;

/// <summary>The kinds of JSON values, by what can be read back from them. Their names stand in hashes and never change.</summary>
internal static class Kinds
{
    /// <summary>The kind of a type that is one value; null: it is a collection or a record.</summary>
    public static string? OfValue(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean => "bool",
        SpecialType.System_Char => "char",
        SpecialType.System_String => "string",
        SpecialType.System_SByte => "i8",
        SpecialType.System_Byte => "u8",
        SpecialType.System_Int16 => "i16",
        SpecialType.System_UInt16 => "u16",
        SpecialType.System_Int32 => "i32",
        SpecialType.System_UInt32 => "u32",
        SpecialType.System_Int64 => "i64",
        SpecialType.System_UInt64 => "u64",
        SpecialType.System_Single => "f32",
        SpecialType.System_Double => "f64",
        SpecialType.System_Decimal => "decimal",
        SpecialType.System_DateTime => "datetime",
        _ => OfName(type.Bared()) ?? (type is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Byte } ? "bytes" : null),
    };

    /// <summary>An enum: by numbers, or by names where its converter says so.</summary>
    public static string OfEnum(INamedTypeSymbol type, bool byName)
    {
        var members = type.GetMembers().OfType<IFieldSymbol>().Where(f => f.HasConstantValue)
            .OrderBy(f => Convert.ToDecimal(f.ConstantValue)).ThenBy(f => f.Name, StringComparer.Ordinal);
        return byName
            ? "names{" + string.Join(",", members.Select(f => f.Name).OrderBy(n => n, StringComparer.Ordinal)) + "}"
            : "enum:" + OfValue(type.EnumUnderlyingType!) + "{" + string.Join(",", members.Select(f => $"{f.Name}={f.ConstantValue}")) + "}";
    }

    /// <summary>What a collection holds: one type for a list, two for a map; empty for other types.</summary>
    public static ITypeSymbol[] Items(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol { Rank: 1 } array)
        {
            return [array.ElementType];
        }

        var faces = type.AllInterfaces.Concat(type is INamedTypeSymbol self ? [self] : []).ToList();
        var face = faces.FirstOrDefault(f => f.Bared() is "System.Collections.Generic.IDictionary<TKey, TValue>"
            or "System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>") ?? faces.FirstOrDefault(f => f.Is("System.Collections.Generic.IEnumerable<T>"));
        return face is null ? [] : [.. face.TypeArguments];
    }

    private static string? OfName(string name) => name switch
    {
        "System.Guid" => "guid",
        "System.DateTimeOffset" => "instant",
        "System.TimeSpan" => "duration",
        "System.DateOnly" => "date",
        "System.TimeOnly" => "time",
        "System.Uri" => "uri",
        "System.Version" => "version",
        "System.Int128" => "i128",
        "System.UInt128" => "u128",
        "System.Half" => "f16",
        "System.Memory<T>" or "System.ReadOnlyMemory<T>" => "bytes",
        "System.Text.Json.JsonElement" or "System.Text.Json.JsonDocument" or "System.Text.Json.Nodes.JsonNode"
            or "System.Text.Json.Nodes.JsonObject" or "System.Text.Json.Nodes.JsonArray" or "System.Text.Json.Nodes.JsonValue" => "any",
        Names.JobId => "job-id",
        Names.JobFile => "file",
        _ => null,
    };
}
