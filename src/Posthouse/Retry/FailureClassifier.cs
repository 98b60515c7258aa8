using System.Globalization;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Retry;

/// <summary>
/// The classifier of the house: looks a failure up in <see cref="FailureTable"/>. A cancellation by the queue's own token is
/// not asked about here; whoever owns the token knows what it meant.
/// </summary>
public sealed class FailureClassifier : IFailureClassifier
{
    /// <summary>The one instance; it has no state.</summary>
    public static FailureClassifier Instance { get; } = new();

    /// <inheritdoc/>
    /// <remarks>An <see cref="AggregateException"/> is judged by the first of its causes.</remarks>
    public Failure Classify(Exception exception)
    {
        while (exception is AggregateException { InnerException: { } inner })
        {
            exception = inner;
        }

        var status = exception is HttpRequestException { StatusCode: { } code } && (int)code >= 300 ? (int?)code : null;
        return new Failure(KindOf(new FailureSign(exception, status, false)), JobEventBodies.Shorten(exception.Message))
        {
            StatusCode = status,
            ExceptionType = exception.GetType().FullName,
        };
    }

    /// <summary>What an HTTP status that is no success means.</summary>
    /// <param name="status">The status, 300 to 599; others are transient failures, for they say nothing.</param>
    /// <param name="retryAfter">What the answer's Retry-After asked for; see <see cref="RetryAfter.Parse"/>.</param>
    /// <param name="detail">What the far side said about it, for people; never a payload. Longer than 1,000 characters is cut.</param>
    public static Failure FromStatus(int status, TimeSpan? retryAfter = null, string? detail = null)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"The far side answered with status {status}{(detail is null ? "." : ": ")}{detail}");
        return new Failure(KindOf(new FailureSign(null, status, retryAfter is not null)), JobEventBodies.Shorten(message))
        {
            StatusCode = status,
            RetryAfter = retryAfter,
        };
    }

    /// <summary>What an answer that is no success means; as <see cref="FromStatus"/>, with the answer's own Retry-After.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="now">The present time, from which a Retry-After date counts.</param>
    /// <param name="detail">What the far side said about it, for people; never a payload.</param>
    public static Failure FromResponse(ExchangeResponse response, DateTimeOffset now, string? detail = null)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.Headers.TryGetValue("Retry-After", out var asked);
        return FromStatus(response.StatusCode, RetryAfter.Parse(asked, now), detail);
    }

    private static FailureKind KindOf(in FailureSign sign)
    {
        foreach (var rule in FailureTable.Rules)
        {
            if (rule.Fits(sign))
            {
                return rule.Kind;
            }
        }

        // The table ends with a row that fits everything.
        throw new System.Diagnostics.UnreachableException();
    }
}
