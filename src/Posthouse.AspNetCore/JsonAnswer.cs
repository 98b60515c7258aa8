using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Posthouse.AspNetCore;

/// <summary>An answer that is one JSON object, which nobody may keep.</summary>
internal static class JsonAnswer
{
    /// <summary>Writes it.</summary>
    /// <param name="context">Who asked.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="members">Writes what stands in the object.</param>
    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
