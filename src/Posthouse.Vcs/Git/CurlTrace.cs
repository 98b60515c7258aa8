using System.Globalization;
using Posthouse.Retry;

namespace Posthouse.Vcs.Git;

/// <summary>
/// What the far side said in the header of its last HTTP answer: Git's own messages hold neither its time nor how long it asked to
/// be left alone. Read from the lines that <c>GIT_TRACE_CURL=2</c> puts among those of standard error; they are taken out there and
/// kept nowhere, for they hold the password of an address that has one.
/// </summary>
internal sealed class CurlTrace
{
    /// <summary>Where the source file stands in a line: after a time such as <c>10:00:00.123456</c> and a space.</summary>
    private const int SourceAt = 16;

    private const string Source = "http.c:";
    private const string Marker = "<= Recv header: ";

    private string? _retryAfter;
    private int? _status;

    /// <summary>Its Date.</summary>
    public DateTimeOffset? ServerTime { get; private set; }

    /// <summary>Its status, if that was no success.</summary>
    public int? StatusCode => _status is >= 400 ? _status : null;

    /// <summary>Its Retry-After; a date counts from <see cref="ServerTime"/>.</summary>
    /// <param name="now">The present time, where the far side told none.</param>
    public TimeSpan? RetryAfterAt(DateTimeOffset now) => RetryAfter.Parse(_retryAfter, ServerTime ?? now);

    /// <summary>Takes a line of standard error.</summary>
    /// <returns>Whether it was one of the trace.</returns>
    public bool Take(string line)
    {
        if (line.Length <= SourceAt || line[2] != ':' || line[8] != '.' || !line.AsSpan(SourceAt).StartsWith(Source, StringComparison.Ordinal))
            return false;
        var at = line.IndexOf(Marker, StringComparison.Ordinal);
        if (at >= 0)
            Hear(line[(at + Marker.Length)..]);
        return true;
    }

    private void Hear(string header)
    {
        if (header.StartsWith("HTTP/", StringComparison.Ordinal))
            (_status, _retryAfter) = (StatusOf(header), null); // A new answer; an earlier Date stays good, for clocks do not go back.
        else if (Value(header, "Date:") is { } told && DateTimeOffset.TryParseExact(told, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read))
            ServerTime = read;
        else
            _retryAfter = Value(header, "Retry-After:") ?? _retryAfter;
    }

    private static int? StatusOf(string line) =>
        line.Split(' ') is [_, var code, ..] && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null;

    private static string? Value(string header, string name) =>
        header.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? header[name.Length..].Trim() : null;
}
