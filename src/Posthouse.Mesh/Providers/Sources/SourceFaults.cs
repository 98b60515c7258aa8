using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>Names what an exchange met with. Sentences are made here, for a vendor's may repeat the key that was sent.</summary>
internal static class SourceFaults
{
    /// <summary>Characters of a vendor's own words that are passed on: what its longest documented message has.</summary>
    private const int MaxVendorText = 200;

    /// <summary>Characters of a vendor's code: the longest known is a word.</summary>
    private const int MaxVendorCode = 32;

    /// <summary>An exchange that ended without an answer; null: it is no failure of an exchange.</summary>
    public static SourceFault? Of(Exception failure) => failure switch
    {
        TimeoutException => new(SourceFaultKind.TimedOut, "The source did not answer in time."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            new(SourceFaultKind.TooLarge, "The source's answer is longer than allowed."),
        HttpRequestException e when FailureClassifier.Instance.Classify(e).Kind == FailureKind.NotReached
            || e.HttpRequestError is HttpRequestError.SecureConnectionError => new(SourceFaultKind.NotReached, "The source was not reached."),
        HttpRequestException => new(SourceFaultKind.BrokeOff, "The source's answer broke off."),
        _ => null,
    };

    /// <summary>What a status that is no success means.</summary>
    /// <param name="status">The status.</param>
    /// <param name="retryAfter">What the answer asked for.</param>
    public static SourceFault OfStatus(int status, TimeSpan? retryAfter)
    {
        var kind = status switch
        {
            429 => SourceFaultKind.Throttled,
            403 or 503 when retryAfter is not null => SourceFaultKind.Throttled,
            401 or 402 or 403 => SourceFaultKind.KeyRefused,
            >= 500 => SourceFaultKind.ServerFailed,
            408 => SourceFaultKind.TimedOut,
            _ => SourceFaultKind.Refused,
        };
        return new SourceFault(kind, $"The source answered with status {status}.") { Status = status, RetryAfter = retryAfter };
    }

    /// <summary>What an answer's status and its vendor's own code mean together; null: it is a good one.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="errors">Where the vendor's code stands; null: it sends none.</param>
    /// <param name="key">The key that was sent, which no sentence may hold.</param>
    /// <param name="now">The present time, from which a Retry-After date counts.</param>
    public static SourceFault? Of(ExchangeResponse answer, VendorErrors? errors, SourceKey? key, DateTimeOffset now)
    {
        answer.Headers.TryGetValue("Retry-After", out var asked);
        var wait = RetryAfter.Parse(asked, now);
        var byStatus = answer.IsSuccess ? null : OfStatus(answer.StatusCode, wait);
        var body = JsonWalk.Bare(answer.Body.Span);
        if (errors is null || !JsonWalk.IsSound(body) || JsonWalk.Text(body, errors.CodePath) is not { } code || code == errors.Fine)
            return byStatus;

        // The vendor's own code says more than the status: three of them are 429, and with a 200 it is all there is.
        var meaning = errors.Codes.GetValueOrDefault(code);
        var words = errors.TextPath is { } path ? JsonWalk.Text(body, path) : null;
        var detail = $"The source refused with {Clean(code, key, MaxVendorCode)}: {Clean(words, key, MaxVendorText)}";
        return new SourceFault(meaning?.Kind ?? byStatus?.Kind ?? SourceFaultKind.Refused, detail)
        {
            Status = answer.StatusCode,
            RetryAfter = wait ?? meaning?.Wait,
            VendorCode = Clean(code, key, MaxVendorCode),
        };
    }

    /// <summary>An answer that cannot be read.</summary>
    public static SourceFault NotJson() => new(SourceFaultKind.NotJson, "The source's answer is no JSON that can be read.");

    /// <summary>A vendor's words on one line, short, and without the key.</summary>
    internal static string Clean(string? words, SourceKey? key, int most)
    {
        // The key goes first: cut through its middle, it would not be found.
        var text = key is null ? words ?? "" : key.Redact(words ?? "");
        return string.Create(Math.Min(text.Length, most), text, static (line, from) =>
        {
            for (var at = 0; at < line.Length; at++)
                line[at] = from[at] is >= ' ' and <= '~' ? from[at] : ' ';
        });
    }
}
