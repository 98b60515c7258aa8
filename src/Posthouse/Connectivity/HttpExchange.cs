using System.Net.Http.Headers;
using Posthouse.Diagnostics;

namespace Posthouse.Connectivity;

/// <summary>
/// Sends requests over an <see cref="HttpMessageInvoker"/>, best one over <see cref="GuardedHandlers.Create"/>, and turns what
/// can go wrong into the exceptions that <see cref="IExchange"/> names, so that they classify rightly.
/// </summary>
/// <param name="invoker">Sends; owned by the caller.</param>
/// <param name="time">Measures the limit of a request.</param>
public sealed class HttpExchange(HttpMessageInvoker invoker, TimeProvider time) : IExchange
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The address is not absolute http or https, or a header field cannot be sent.</exception>
    /// <exception cref="HttpRequestException">The far side was not reached, its answer broke off, or
    /// (<see cref="HttpRequestError.ConfigurationLimitExceeded"/>) its body is longer than the request allows.</exception>
    public async Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var message = ToMessage(request);
        using var activity = PosthouseTracing.StartExchange(request);
        using var limit = new CancellationTokenSource(request.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await invoker.SendAsync(message, both.Token);
            PosthouseTracing.Answered(activity, (int)response.StatusCode);
            var body = await ReadAsync(request, response, both.Token);
            return new ExchangeResponse((int)response.StatusCode, HeadersOf(response), body);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && !cancellationToken.IsCancellationRequested)
        {
            var named = Named(e, request, limit.IsCancellationRequested);
            PosthouseTracing.Failed(activity, named.GetType().FullName!);
            throw named;
        }
        catch (Exception e)
        {
            PosthouseTracing.Failed(activity, e.GetType().FullName!);
            throw;
        }
    }

    private static Exception Named(Exception e, ExchangeRequest request, bool timedOut) => e switch
    {
        _ when timedOut => new TimeoutException($"{request.Uri.Host} did not answer within {request.Timeout.TotalSeconds:0.###} s.", e),

        // Nobody's token fired, so it was the handler's own limit for connecting: nothing was sent.
        OperationCanceledException => new HttpRequestException(HttpRequestError.ConnectionError, $"No connection to {request.Uri.Host} in time.", e),
        HttpIOException broken => new HttpRequestException(broken.HttpRequestError, $"The answer of {request.Uri.Host} broke off.", e),
        _ => new HttpRequestException(HttpRequestError.ResponseEnded, $"The answer of {request.Uri.Host} broke off.", e),
    };

    private static HttpRequestMessage ToMessage(ExchangeRequest request)
    {
        if (!request.Uri.IsAbsoluteUri || (request.Uri.Scheme != Uri.UriSchemeHttps && request.Uri.Scheme != Uri.UriSchemeHttp))
        {
            throw new ArgumentException($"\"{request.Uri}\" is no absolute http or https address.", nameof(request));
        }

        var message = new HttpRequestMessage(request.Method, request.Uri);
        if (!request.Body.IsEmpty)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType);
        }

        foreach (var (name, value) in request.Headers)
        {
            // Line breaks in a value would begin another field; the check without validation does not see them.
            if (value.AsSpan().ContainsAny('\r', '\n', '\0') || !message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Dispose();
                throw new ArgumentException($"The header field \"{name}\" cannot be sent.", nameof(request));
            }
        }

        return message;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(ExchangeRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var announced = response.Content.Headers.ContentLength;
        if (announced > request.MaxResponseBytes && request.Method != HttpMethod.Head && !request.CutsLongAnswer)
        {
            throw TooLarge(request);
        }

        // A body of unknown length grows by doubling; the limit holds after each piece, so at most one piece is read too much.
        using var body = new MemoryStream(request.Method == HttpMethod.Head ? 0 : (int)Math.Min(announced ?? 0, request.MaxResponseBytes));
        var piece = new byte[Math.Min(request.MaxResponseBytes, 64 << 10) + 1];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        for (int read; (read = await stream.ReadAsync(piece, cancellationToken)) > 0;)
        {
            if (body.Length + read > request.MaxResponseBytes)
            {
                if (!request.CutsLongAnswer)
                {
                    throw TooLarge(request);
                }

                body.Write(piece.AsSpan(0, request.MaxResponseBytes - (int)body.Length));
                break;
            }

            body.Write(piece.AsSpan(0, read));
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static HttpRequestException TooLarge(ExchangeRequest request) => new(HttpRequestError.ConfigurationLimitExceeded,
        $"The answer of {request.Uri.Host} is longer than {request.MaxResponseBytes} bytes.");

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response)
    {
        // As received: a field that the typed headers cannot parse is still for the reader to judge.
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            headers[name] = string.Join(", ", values);
        }

        return headers;
    }
}
