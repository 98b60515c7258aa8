using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;

namespace Posthouse.Cli.Diagnostics;

/// <summary>Tells each exchange with a provider: where to, how long, how large. Bodies and header fields are never told.</summary>
internal sealed class LoggedExchange(IExchange inner, ILogger logger, TimeProvider time) : IExchange
{
    /// <summary>Route names are shorter, ids are longer; a whole order id is the key to a download and stays out of logs.</summary>
    private const int ShownLength = 13;

    public async Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
    {
        var (method, address, began) = (request.Method.Method, Shown(request.Uri), time.GetTimestamp());
        logger.ExchangeBegun(method, address, request.Body.Length);
        try
        {
            var response = await inner.SendAsync(request, cancellationToken);
            logger.ExchangeAnswered(method, address, response.StatusCode, response.Body.Length, Math.Round(time.GetElapsedTime(began).TotalMilliseconds, 1));
            return response;
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutException)
        {
            logger.ExchangeFailed(error, method, address);
            throw;
        }
    }

    /// <summary>The address without a password or a query, and with long parts cut.</summary>
    internal static string Shown(Uri address) =>
        $"{address.Scheme}://{address.Authority}" + string.Join('/', address.AbsolutePath.Split('/').Select(part => part.Length > ShownLength ? part[..ShownLength] + "…" : part));
}
