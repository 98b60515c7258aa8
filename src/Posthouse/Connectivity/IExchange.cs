namespace Posthouse.Connectivity;

/// <summary>
/// One HTTP request and its answer: the only way out of the process over HTTP. An implementation sets time limits and
/// decides which addresses may be dialled; it never retries, because the queue is the one retry loop.
/// </summary>
public interface IExchange
{
    /// <summary>Sends <paramref name="request"/> once and returns the answer, whatever its status.</summary>
    /// <param name="request">The whole request.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <exception cref="HttpRequestException">The far side was not reached or its answer could not be read.</exception>
    /// <exception cref="TimeoutException">The time limit of the request passed.</exception>
    Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default);
}

/// <summary>An HTTP request as plain data.</summary>
/// <param name="Method">GET, POST and so on.</param>
/// <param name="Uri">An absolute http or https address.</param>
public sealed record ExchangeRequest(HttpMethod Method, Uri Uri)
{
    /// <summary>Header fields without Content-Type and Content-Length.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The body, empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Media type of <see cref="Body"/>.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Time for the whole exchange, the body included. Default 30 s, the limit both IVXP sources name.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of an answer's body that are read; more is an error. Default 1 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 1 << 20;

    /// <summary>Whether a longer body is cut there instead: for an answer whose status alone matters. Default false.</summary>
    public bool CutsLongAnswer { get; init; }
}

/// <summary>An HTTP answer as plain data.</summary>
/// <param name="StatusCode">The status, 100 to 599.</param>
/// <param name="Headers">Header fields of the answer and its content; names compare without case.</param>
/// <param name="Body">The body's bytes.</param>
public sealed record ExchangeResponse(int StatusCode, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => StatusCode is >= 200 and < 300;
}
