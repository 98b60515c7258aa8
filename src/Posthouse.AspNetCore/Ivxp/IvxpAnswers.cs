using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>Reads and writes bodies within the limits of the wire.</summary>
internal static class IvxpAnswers
{
    private const string Json = "application/json";

    /// <summary>The refusal of a body beyond the limit.</summary>
    public static Refusal TooLarge { get; } =
        new(IvxpErrors.RequestTooLarge, string.Create(CultureInfo.InvariantCulture, $"A body has at most {IvxpProtocol.Limits.RequestBytes} bytes."));

    /// <summary>The body, or null if it is larger than <see cref="IvxpProtocol.Limits.RequestBytes"/>; no more than that is read.</summary>
    public static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > IvxpProtocol.Limits.RequestBytes)
            return null;
        var buffer = new byte[IvxpProtocol.Limits.RequestBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        return length == buffer.Length ? null : buffer[..length];
    }

    /// <summary>A message of the wire.</summary>
    public static async Task<Reply<T>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class => (await ReadJsonAsync(context)).Then(body => IncomingMessage.Read(body, type));

    /// <summary>A body that says it is JSON in UTF-8, or says nothing of its kind; a compressed one is never opened, for it may be a bomb.</summary>
    public static async Task<Reply<byte[]>> ReadJsonAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0 && !string.Equals(request.Headers.ContentEncoding, "identity", StringComparison.OrdinalIgnoreCase))
            return new Refusal(IvxpErrors.UnsupportedMediaType, "A body comes uncompressed.", "content_encoding");
        if (request.ContentType is { Length: > 0 } type && !IsJson(type))
            return new Refusal(IvxpErrors.UnsupportedMediaType, "A body is application/json in UTF-8.", "content_type");
        return await ReadBodyAsync(context) is { } body ? body : TooLarge;
    }

    /// <summary>An answer or a refusal.</summary>
    public static Task WriteAsync<T>(HttpContext context, Reply<T> reply, JsonTypeInfo<T> type)
        where T : class => reply.Refusal is { } refusal
            ? RefuseAsync(context, refusal)
            : WriteAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(reply.Answer!, type));

    /// <summary>A refusal, in the form that every client of the protocol reads.</summary>
    public static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (refusal.RetryAfter is { } wait)
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (refusal.Code == IvxpErrors.OrderNotFound)
            IvxpEdge.Of(context)?.Limits.CountUnknownOrder(context);
        var body = IvxpEdge.Of(context)?.SaysSentences(context) is true
            ? ErrorBody.With(refusal.Message, refusal.Message, refusal.Code)
            : ErrorBody.With(refusal.Code, refusal.Message, refusal.Reason);
        return WriteAsync(context, IvxpErrors.HttpStatus(refusal.Code), JsonSerializer.SerializeToUtf8Bytes(body, IvxpJson.Wire.ErrorBody));
    }

    private static bool IsJson(string contentType) => MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));

    /// <summary>A body of JSON.</summary>
    /// <param name="context">The exchange.</param>
    /// <param name="status">The status.</param>
    /// <param name="body">The body, not empty.</param>
    /// <param name="beforeLastByte">What is to be true when the client has the whole body, and is done only once all but its end has left.</param>
    public static async Task WriteAsync(HttpContext context, int status, byte[] body, Func<Task>? beforeLastByte = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = Json;
        context.Response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        if (beforeLastByte is not null)
        {
            await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length - 1), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await beforeLastByte();
            body = body[^1..];
        }
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
