using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>How much one client may ask for: a bucket of a minute's requests, filled evenly, and smaller ones for what invites abuse.</summary>
internal sealed class ClientLimits : IDisposable
{
    private const int SecondsOfBucket = 60;

    private readonly int _requestsPerMinute;
    private readonly PartitionedRateLimiter<HttpContext> _requests;
    private readonly PartitionedRateLimiter<HttpContext> _unknownOrders;
    private readonly PartitionedRateLimiter<HttpContext> _claims;

    public ClientLimits(LimitOptions limits)
    {
        _requestsPerMinute = limits.RequestsPerMinute;
        _requests = PerMinute(limits.RequestsPerMinute);
        _unknownOrders = PerMinute(limits.UnknownOrdersPerMinute);
        _claims = PerMinute(limits.ClaimsPerMinute);
    }

    /// <summary>Counts a request and tells the client where it stands; a refusal if it had its share.</summary>
    public Refusal? Count(HttpContext context)
    {
        using var lease = _requests.AttemptAcquire(context);
        var left = (long)(_requests.GetStatistics(context)?.CurrentAvailablePermits ?? _requestsPerMinute);
        var full = Math.Ceiling((double)(_requestsPerMinute - left) * SecondsOfBucket / _requestsPerMinute);
        var headers = context.Response.Headers;
        headers[IvxpProtocol.Headers.RateLimit] = Text(_requestsPerMinute);
        headers[IvxpProtocol.Headers.RateRemaining] = Text(left);
        headers[IvxpProtocol.Headers.RateReset] = Text(full);
        return lease.IsAcquired ? null : TooMany(lease);
    }

    /// <summary>Counts a wish for a signature.</summary>
    public Refusal? CountClaim(HttpContext context)
    {
        using var lease = _claims.AttemptAcquire(context);
        return lease.IsAcquired ? null : TooMany(lease);
    }

    /// <summary>Whether this client named so many unknown orders that it looks like guessing; then no id is answered, so that a hit looks like a miss.</summary>
    public Refusal? RefuseGuessing(HttpContext context)
    {
        // Not a look for 0 permits: that one succeeds with any fraction of a permit, and there is one again after 100 ms.
        if (_unknownOrders.GetStatistics(context) is not { CurrentAvailablePermits: < 1 })
            return null;
        using var none = _unknownOrders.AttemptAcquire(context);
        return TooMany(none);
    }

    /// <summary>Counts the name of an unknown order.</summary>
    public void CountUnknownOrder(HttpContext context) => _unknownOrders.AttemptAcquire(context).Dispose();

    /// <summary>Whose share it is: an IPv4 address, or the network of an IPv6 address, of which one customer has a whole one (RFC 6177).</summary>
    public static string ClientOf(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        const int NetworkBytes = 8;
        var bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes.Length > NetworkBytes ? bytes.AsSpan(0, NetworkBytes) : bytes);
    }

    public void Dispose()
    {
        _requests.Dispose();
        _unknownOrders.Dispose();
        _claims.Dispose();
    }

    private static PartitionedRateLimiter<HttpContext> PerMinute(int most)
    {
        // Whole tokens: one after each part of the minute, or several a second.
        var options = new TokenBucketRateLimiterOptions
        {
            TokenLimit = most,
            TokensPerPeriod = Math.Max(1, most / SecondsOfBucket),
            ReplenishmentPeriod = most < SecondsOfBucket ? TimeSpan.FromSeconds((double)SecondsOfBucket / most) : TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        };
        return PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(ClientOf(context), _ => options));
    }

    private static Refusal TooMany(RateLimitLease lease) => new(IvxpErrors.RateLimited, "Too many requests from your address. Wait, and ask again.",
        RetryAfter: lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1));

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
