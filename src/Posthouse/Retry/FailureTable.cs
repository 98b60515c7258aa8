using System.Net.Sockets;
using System.Security.Authentication;
using Posthouse.Jobs;

namespace Posthouse.Retry;

/// <summary>
/// Which failure is of which kind, in one table; the first row that fits decides. Rows look at types, codes and statuses,
/// never at the text of a message: a lock held by <c>network@render-01</c> is no network failure, and
/// <c>4041c0de</c> is no status.
/// </summary>
public static class FailureTable
{
    /// <summary>The rows, in the order in which they are tried.</summary>
    public static IReadOnlyList<FailureRule> Rules { get; } =
    [
        // Statuses. A far side that says when to come back is not failing; one that only says "too many" is.
        new StatusRule(FailureKind.Throttled, NeedsRetryAfter: true, (403, 403), (429, 429), (503, 503)),
        new StatusRule(FailureKind.Unauthenticated, false, (401, 401), (407, 407), (511, 511)),
        new StatusRule(FailureKind.Conflict, false, (409, 409), (412, 412)),
        new StatusRule(FailureKind.Transient, false, (408, 408), (425, 425), (429, 429), (500, 599)),

        // Redirects are never followed: an address that moved has to be changed by somebody.
        new StatusRule(FailureKind.Permanent, false, (300, 499)),

        // Trust does not come back by trying again, and it must not look like a missing network. It arrives inside others.
        new TypeRule(FailureKind.Permanent, typeof(AuthenticationException), AlsoAsCause: true),

        // No request was sent, so nothing can have happened there. A handshake that timed out or broke stands here too.
        new HttpErrorRule(FailureKind.NotReached, HttpRequestError.NameResolutionError, HttpRequestError.ConnectionError,
            HttpRequestError.SecureConnectionError, HttpRequestError.ProxyTunnelError),
        new SocketErrorRule(FailureKind.NotReached, SocketError.ConnectionRefused, SocketError.HostNotFound, SocketError.TryAgain,
            SocketError.NoData, SocketError.NoRecovery, SocketError.HostDown, SocketError.HostUnreachable, SocketError.NetworkDown,
            SocketError.NetworkUnreachable, SocketError.AddressNotAvailable, SocketError.TimedOut),

        new HttpErrorRule(FailureKind.Unauthenticated, HttpRequestError.UserAuthenticationError),

        // The far side speaks another protocol, or its answer passes our limit: the next one would too.
        new HttpErrorRule(FailureKind.Permanent, HttpRequestError.VersionNegotiationError, HttpRequestError.ExtendedConnectNotSupported,
            HttpRequestError.ConfigurationLimitExceeded),

        // From here on the request may have taken effect; the idempotency key makes the next try safe.
        new HttpErrorRule(FailureKind.Transient, HttpRequestError.ResponseEnded, HttpRequestError.InvalidResponse,
            HttpRequestError.HttpProtocolError, HttpRequestError.Unknown),
        new TypeRule(FailureKind.Transient, typeof(TimeoutException)),
        new TypeRule(FailureKind.Transient, typeof(OperationCanceledException)),
        new TypeRule(FailureKind.Transient, typeof(IOException)),

        new TransientCodeRule(FailureKind.Transient),
        new TypeRule(FailureKind.Permanent, typeof(PosthouseException)),
        new AnythingElseRule(FailureKind.Transient),
    ];
}
