using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>The codes that errors of the mesh's routes carry beside their sentence.</summary>
internal static class MeshErrors
{
    public const string BadRequest = "BAD_REQUEST";
    public const string TokenRequired = "OPERATOR_TOKEN_REQUIRED";
    public const string OriginRefused = "ORIGIN_REFUSED";
    public const string TooManyConnections = "TOO_MANY_CONNECTIONS";
    public const string CacheMiss = "CACHE_MISS";
    public const string CacheStale = "CACHE_STALE";
    public const string NoRoute = "NO_SUCH_ROUTE";
    public const string RestartNeeded = "NODE_RESTART_NEEDED";
    public const string KeyNotChanged = "NODE_KEY_NOT_CHANGED";
    public const string KeyInvalid = "PROVIDER_API_KEY_INVALID";
    public const string KeyInsecure = "PROVIDER_API_KEY_INSECURE";
    public const string FetchFailed = "PROVIDER_FETCH_FAILED";
    public const string NotConfigured = "PROVIDER_NOT_CONFIGURED";
    public const string NotRunning = "MESH_NOT_RUNNING";
}

/// <summary>Writes what the mesh's routes answer: the original's envelope of success, data and error, with a code beside the sentence.</summary>
internal static class MeshAnswers
{
    /// <summary>An answer, and what stands beside its data.</summary>
    public static Task OkAsync<T>(HttpContext context, T data, JsonTypeInfo<T> type, Action<Utf8JsonWriter>? beside = null) =>
        JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("success", true);
            json.WritePropertyName("data");
            JsonSerializer.Serialize(json, data, type);
            beside?.Invoke(json);
        });

    /// <summary>An answer of single members.</summary>
    public static Task OkAsync(HttpContext context, Action<Utf8JsonWriter> members) => JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json =>
    {
        json.WriteBoolean("success", true);
        json.WriteStartObject("data");
        members(json);
        json.WriteEndObject();
    });

    /// <summary>A refusal.</summary>
    public static Task FailAsync(HttpContext context, int status, string code, string error, TimeSpan? retryAfter = null, Action<Utf8JsonWriter>? data = null)
    {
        if (retryAfter is { } wait)
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return JsonAnswer.WriteAsync(context, status, json =>
        {
            json.WriteBoolean("success", false);
            json.WritePropertyName("data");
            if (data is null)
                json.WriteNullValue();
            else
                data(json);
            json.WriteString("error", error);
            json.WriteString("code", code);
        });
    }
}
