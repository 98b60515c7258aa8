using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Tests.Retry;

public sealed class FailureClassifierTests
{
    private static FailureKind Of(Exception e) => FailureClassifier.Instance.Classify(e).Kind;

    [Theory]
    [InlineData(403, false, FailureKind.Permanent)]
    [InlineData(403, true, FailureKind.Throttled)]
    [InlineData(429, false, FailureKind.Transient)]
    [InlineData(429, true, FailureKind.Throttled)]
    [InlineData(503, false, FailureKind.Transient)]
    [InlineData(503, true, FailureKind.Throttled)]
    [InlineData(500, true, FailureKind.Transient)]
    [InlineData(408, false, FailureKind.Transient)]
    [InlineData(425, false, FailureKind.Transient)]
    [InlineData(502, false, FailureKind.Transient)]
    [InlineData(504, false, FailureKind.Transient)]
    [InlineData(507, false, FailureKind.Transient)]
    [InlineData(520, false, FailureKind.Transient)]
    [InlineData(524, false, FailureKind.Transient)]
    [InlineData(599, false, FailureKind.Transient)]
    [InlineData(401, false, FailureKind.Unauthenticated)]
    [InlineData(401, true, FailureKind.Unauthenticated)]
    [InlineData(407, false, FailureKind.Unauthenticated)]
    [InlineData(511, false, FailureKind.Unauthenticated)]
    [InlineData(409, false, FailureKind.Conflict)]
    [InlineData(412, false, FailureKind.Conflict)]
    [InlineData(400, false, FailureKind.Permanent)]
    [InlineData(404, false, FailureKind.Permanent)]
    [InlineData(410, false, FailureKind.Permanent)]
    [InlineData(413, false, FailureKind.Permanent)]
    [InlineData(422, true, FailureKind.Permanent)]
    [InlineData(301, false, FailureKind.Permanent)]
    public void A_status_has_its_kind(int status, bool retryAfter, FailureKind kind)
    {
        var failure = FailureClassifier.FromStatus(status, retryAfter ? TimeSpan.FromSeconds(7) : null, "why");
        failure.Kind.ShouldBe(kind);
        failure.StatusCode.ShouldBe(status);
        failure.RetryAfter.ShouldBe(retryAfter ? TimeSpan.FromSeconds(7) : null);
        failure.Message.ShouldBe($"The far side answered with status {status}: why");
    }

    [Fact]
    public void Every_status_of_a_failure_meets_a_row_of_its_own()
    {
        foreach (var status in Enumerable.Range(300, 300))
        {
            FailureTable.Rules.First(r => r.Fits(new FailureSign(null, status, false))).ShouldBeOfType<StatusRule>();
        }
    }

    [Fact]
    public void An_answer_brings_its_own_retry_after()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["retry-after"] = "30" };
        var failure = FailureClassifier.FromResponse(new ExchangeResponse(429, headers, default), DateTimeOffset.UnixEpoch);
        failure.Kind.ShouldBe(FailureKind.Throttled);
        failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, FailureKind.NotReached)]
    [InlineData(HttpRequestError.ConnectionError, FailureKind.NotReached)]
    [InlineData(HttpRequestError.SecureConnectionError, FailureKind.NotReached)]
    [InlineData(HttpRequestError.ProxyTunnelError, FailureKind.NotReached)]
    [InlineData(HttpRequestError.ResponseEnded, FailureKind.Transient)]
    [InlineData(HttpRequestError.InvalidResponse, FailureKind.Transient)]
    [InlineData(HttpRequestError.HttpProtocolError, FailureKind.Transient)]
    [InlineData(HttpRequestError.Unknown, FailureKind.Transient)]
    [InlineData(HttpRequestError.UserAuthenticationError, FailureKind.Unauthenticated)]
    [InlineData(HttpRequestError.VersionNegotiationError, FailureKind.Permanent)]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, FailureKind.Permanent)]
    public void An_http_exception_has_the_kind_of_its_error(HttpRequestError error, FailureKind kind) =>
        Of(new HttpRequestException(error, "no")).ShouldBe(kind);

    [Fact]
    public void Every_http_error_of_this_runtime_stands_in_the_table()
    {
        foreach (var error in Enum.GetValues<HttpRequestError>())
        {
            FailureTable.Rules.First(r => r.Fits(new FailureSign(new HttpRequestException(error), null, false))).ShouldBeOfType<HttpErrorRule>();
        }
    }

    [Fact]
    public void An_http_exception_with_a_status_has_the_kind_of_the_status()
    {
        var failure = FailureClassifier.Instance.Classify(new HttpRequestException("gone", null, HttpStatusCode.Conflict));
        failure.Kind.ShouldBe(FailureKind.Conflict);
        failure.StatusCode.ShouldBe(409);
        failure.ExceptionType.ShouldBe("System.Net.Http.HttpRequestException");
    }

    [Fact]
    public void Missing_trust_is_permanent_however_deep_it_stands() =>
        Of(new HttpRequestException(HttpRequestError.SecureConnectionError, "tls", new IOException("x", new AuthenticationException("not trusted"))))
            .ShouldBe(FailureKind.Permanent);

    [Theory]
    [InlineData(SocketError.ConnectionRefused, FailureKind.NotReached)]
    [InlineData(SocketError.HostNotFound, FailureKind.NotReached)]
    [InlineData(SocketError.NetworkUnreachable, FailureKind.NotReached)]
    [InlineData(SocketError.TimedOut, FailureKind.NotReached)]
    [InlineData(SocketError.ConnectionReset, FailureKind.Transient)]
    [InlineData(SocketError.ConnectionAborted, FailureKind.Transient)]
    public void A_socket_exception_has_the_kind_of_its_code(SocketError error, FailureKind kind) =>
        Of(new SocketException((int)error)).ShouldBe(kind);

    [Fact]
    public void A_connection_that_broke_in_use_is_counted_whatever_its_code() =>
        Of(new IOException("read", new SocketException((int)SocketError.TimedOut))).ShouldBe(FailureKind.Transient);

    [Fact]
    public void Timeouts_and_foreign_cancellations_are_counted()
    {
        Of(new TimeoutException()).ShouldBe(FailureKind.Transient);
        Of(new TaskCanceledException("x", new TimeoutException())).ShouldBe(FailureKind.Transient);
    }

    [Fact]
    public void Our_own_exception_says_itself_whether_it_passes()
    {
        Of(new PosthouseException(ErrorCodes.StoreBusy, "busy")).ShouldBe(FailureKind.Transient);
        Of(new PosthouseException(ErrorCodes.FileDamaged, "gone")).ShouldBe(FailureKind.Permanent);
    }

    [Fact]
    public void An_aggregate_is_judged_by_its_first_cause() =>
        Of(new AggregateException(new AggregateException(new SocketException((int)SocketError.ConnectionRefused)), new IOException()))
            .ShouldBe(FailureKind.NotReached);

    [Theory]
    [InlineData("Project locked by network@render-01")]
    [InlineData("HTTP 429 rate limited, connection refused")]
    [InlineData("Lock ID mismatch 4041c0de-5030")]
    [InlineData("401 Unauthorized")]
    public void The_text_of_a_message_decides_nothing(string message) =>
        Of(new InvalidOperationException(message)).ShouldBe(FailureKind.Transient);

    [Fact]
    public void A_long_message_is_cut()
    {
        FailureClassifier.Instance.Classify(new InvalidOperationException(new string('x', 5_000))).Message.Length.ShouldBe(Failure.MaxMessageLength);
        FailureClassifier.FromStatus(500, null, new string('x', 5_000)).Message.Length.ShouldBe(Failure.MaxMessageLength);
    }
}
