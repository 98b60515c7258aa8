using Posthouse.Vcs.Git;

namespace Posthouse.Tests.Vcs.Git;

public sealed class CurlTraceTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CurlTrace Read(params string[] headers)
    {
        var trace = new CurlTrace();
        foreach (var header in headers)
            trace.Take($"10:00:00.123456 http.c:699              <= Recv header: {header}").ShouldBeTrue();
        return trace;
    }

    [Fact]
    public void The_last_answers_status_Date_and_Retry_After_are_read()
    {
        var said = Read("HTTP/1.1 200 OK", "Date: Sun, 01 Mar 2026 13:00:00 GMT", "HTTP/1.1 503 Service Unavailable", "date: Sun, 01 Mar 2026 13:00:05 GMT", "retry-after: 120");
        (said.ServerTime, said.RetryAfterAt(_now), said.StatusCode).ShouldBe((_now.AddHours(1).AddSeconds(5), TimeSpan.FromSeconds(120), 503));
    }

    [Fact]
    public void A_date_in_Retry_After_counts_from_the_servers_own_time() =>
        Read("HTTP/2 429", "Date: Sun, 01 Mar 2026 13:00:00 GMT", "Retry-After: Sun, 01 Mar 2026 13:02:00 GMT").RetryAfterAt(_now).ShouldBe(TimeSpan.FromMinutes(2));

    [Fact]
    public void The_401_that_begins_a_sign_in_is_forgotten_when_the_next_answer_is_a_success()
    {
        var said = Read("HTTP/1.1 401 Unauthorized", "Retry-After: 5", "HTTP/1.1 200 OK");
        (said.RetryAfterAt(_now), said.StatusCode).ShouldBe((null, null));
    }

    [Fact]
    public void Lines_that_are_no_received_header_are_taken_out_and_not_read_and_others_are_left()
    {
        var trace = new CurlTrace();
        trace.Take("10:00:00.123456 http.c:725              == Info: Issue another request to this URL: 'http://me:pw@h/HTTP/1.1 500'").ShouldBeTrue();
        trace.Take("10:00:00.123456 http.c:684              => Send header: HTTP/1.1 500 x").ShouldBeTrue();
        trace.Take("fatal: <= Recv header: HTTP/1.1 500 x").ShouldBeFalse();
        trace.Take("").ShouldBeFalse();
        trace.StatusCode.ShouldBeNull();
    }
}
