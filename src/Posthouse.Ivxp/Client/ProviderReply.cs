using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Ivxp.Client;

/// <summary>A provider's answer, read as far as is the same for all of them.</summary>
/// <param name="Response">The answer.</param>
/// <param name="Code">Why it is none of success: the provider's own code, else one made from the status; null for success.</param>
/// <param name="Message">The provider's sentence, or null.</param>
/// <param name="Reason">The provider's <c>details.reason</c>, or null.</param>
internal sealed record ProviderReply(ExchangeResponse Response, string? Code, string? Message, string? Reason)
{
    private static readonly SearchValues<char> _codeLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

    /// <summary>Whether the provider may not know this path at all, so that another dialect is worth a try.</summary>
    public bool IsNoSuchPath => Response.StatusCode is 404 or 405 && Code is not IvxpErrors.DeliverableNotReady;

    /// <summary>The provider's clock, or null.</summary>
    public DateTimeOffset? ServerTime => Response.Headers.TryGetValue("Date", out var date)
        && DateTimeOffset.TryParseExact(date, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    public static ProviderReply Read(ExchangeResponse response)
    {
        if (response.IsSuccess)
            return new ProviderReply(response, null, null, null);
        var body = Body(response);
        return new ProviderReply(response, IsCode(body?.Error) ? body!.Error : CodeOf(response.StatusCode), body?.Message ?? body?.Error,
            body?.Details is { ValueKind: JsonValueKind.Object } details && details.TryGetProperty("reason", out var reason) && reason.ValueKind is JsonValueKind.String
                ? reason.GetString() : null);
    }

    /// <summary>The refusal as an exception that the queue can judge.</summary>
    public ProviderRefusedException Refused(DateTimeOffset now) => new(
        Code ?? ClientErrors.AnswerInvalid,
        Message is null ? string.Create(CultureInfo.InvariantCulture, $"The provider answered with status {Response.StatusCode}.") : $"The provider refuses: {Message}",
        Reason,
        FailureClassifier.FromResponse(Response, now, Code));

    private static ErrorBody? Body(ExchangeResponse response)
    {
        try
        {
            return JsonSerializer.Deserialize(response.Body.Span, IvxpJson.Wire.ErrorBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Other providers write a sentence where the code belongs.
    private static bool IsCode(string? error) =>
        error is { Length: > 0 and <= 64 } && error.AsSpan().ContainsAnyInRange('A', 'Z') && !error.AsSpan().ContainsAnyExcept(_codeLetters);

    private static string CodeOf(int status) => status switch
    {
        401 => IvxpErrors.SignatureInvalid,
        402 => IvxpErrors.PaymentNotVerified,
        404 => IvxpErrors.OrderNotFound,
        409 => IvxpErrors.InvalidOrderState,
        410 => IvxpErrors.OrderExpired,
        429 => IvxpErrors.RateLimited,
        503 => IvxpErrors.ServiceUnavailable,
        _ => ClientErrors.AnswerInvalid,
    };
}

/// <summary>A provider's refusal with what the queue needs to judge it.</summary>
internal sealed class ProviderRefusedException(string code, string message, string? reason, Failure failure) : PosthouseException(code, message)
{
    public string? Reason { get; } = reason;

    public Failure Failure { get; } = failure;
}
