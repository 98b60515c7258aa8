using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Posthouse.Jobs;

/// <summary>
/// How payloads, optimistic results and results are written: one set of options for the whole product, so that the bytes of a
/// job are the same whoever supplies its type info. The specification is <c>spec/jobs/payload.md</c>; a change here is a
/// change of every stored row and needs a new version of every job.
/// </summary>
public static class PosthouseJson
{
    /// <summary>Deepest nesting: a job is a record, not a document, and a short stack has to read it.</summary>
    public const int MaxDepth = 32;

    private static JsonSerializerOptions? _reflected;

    /// <summary>A job without an answer needs no entry in anybody's context.</summary>
    public static JsonTypeInfo<Nothing> Nothing { get; } = TypeInfo<Nothing>(new NothingJson(NewOptions()));

    /// <summary>The pinned options, without a source of type info. Give them to a context of your own:
    /// <c>new ChatJson(PosthouseJson.NewOptions())</c>; its own naming options then have no say. One option of a context cannot
    /// be overruled, because it is compiled in: do not set <c>UseStringEnumConverter</c> on it.</summary>
    /// <returns>A new object each time, because options belong to the context that took them.</returns>
    public static JsonSerializerOptions NewOptions() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        PropertyNameCaseInsensitive = false,
        // Nulls are written, so that a missing member is always damage and never a default.
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.Strict,
        // Every character beyond ASCII is escaped: the relaxed encoder asks the runtime's Unicode tables, which grow.
        Encoder = JavaScriptEncoder.Default,
        WriteIndented = false,
        IncludeFields = false,
        MaxDepth = MaxDepth,
    };

    /// <summary>A type's info from a context that was made with <see cref="NewOptions"/>.</summary>
    /// <typeparam name="T">The job, the result, or an older version's record.</typeparam>
    /// <param name="context">The context; it has to list the type as <c>[JsonSerializable(typeof(T))]</c>.</param>
    /// <exception cref="PosthouseException">JOB_INVALID: the context does not list the type.</exception>
    public static JsonTypeInfo<T> TypeInfo<T>(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (JsonTypeInfo<T>?)context.GetTypeInfo(typeof(T)) ?? throw new PosthouseException(ErrorCodes.JobInvalid,
            $"{context.GetType()} does not list {typeof(T)}. Add [JsonSerializable(typeof({typeof(T).Name}))] to it.");
    }

    /// <summary>A type's info by reflection, for programs that are neither trimmed nor compiled ahead of time.</summary>
    /// <typeparam name="T">The job, the result, or an older version's record.</typeparam>
    [RequiresUnreferencedCode("Finds the members of T by reflection. List T in a JsonSerializerContext instead.")]
    [RequiresDynamicCode("Makes converters for T at run time. List T in a JsonSerializerContext instead.")]
    public static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)(_reflected ??= Reflect()).GetTypeInfo(typeof(T));

    /// <summary>Reads a record.</summary>
    /// <exception cref="PosthouseException">JOB_INVALID: the bytes say <c>null</c>.</exception>
    /// <exception cref="JsonException">The bytes are no such record.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> info) => JsonSerializer.Deserialize(bytes, info)
        ?? throw new PosthouseException(ErrorCodes.JobInvalid, $"A stored {typeof(T).Name} is null; a record is expected.");

    // Two threads may both make it; either is as good.
    [RequiresUnreferencedCode("See TypeInfo.")]
    [RequiresDynamicCode("See TypeInfo.")]
    private static JsonSerializerOptions Reflect()
    {
        var options = NewOptions();
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        options.MakeReadOnly();
        return options;
    }
}

[JsonSerializable(typeof(Nothing))]
internal sealed partial class NothingJson : JsonSerializerContext;
