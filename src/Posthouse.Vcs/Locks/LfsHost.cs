using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Retry;
using Posthouse.Vcs.Git;

namespace Posthouse.Vcs.Locks;

/// <summary>A lock as the LFS service tells it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Path">The file.</param>
/// <param name="LockedAt">Since when.</param>
/// <param name="Owner">The account's name.</param>
internal sealed record LfsLock(string Id, string Path, DateTimeOffset LockedAt, string Owner);

/// <summary>An answer of the service.</summary>
/// <param name="StatusCode">Its status.</param>
/// <param name="Json">Its body; undefined where it is no JSON.</param>
/// <param name="ServerTime">Its Date.</param>
/// <param name="Failure">Why it is none that was hoped for; null for 2xx.</param>
internal sealed record LfsAnswer(int StatusCode, JsonElement Json, DateTimeOffset? ServerTime, RemoteFailure? Failure);

/// <summary>Exchanges of the Git LFS File Locking API (git-lfs, docs/api/locking.md), one at a time and never repeated, except once with credentials.</summary>
internal sealed class LfsHost(IExchange exchange, LfsEndpoint endpoint, LfsCredentials credentials, TimeProvider time)
{
    /// <summary>Asks which locks are the account's own. By POST, yet it changes nothing.</summary>
    public const string Verify = "locks/verify";

    private const string MediaType = "application/vnd.git-lfs+json";
    private const int Unauthorized = 401;
    private const int Forbidden = 403;

    /// <summary>Longest answer: a page of 100 locks with the longest paths.</summary>
    private const int MaxAnswerBytes = 1 << 20;

    /// <summary>Sends one request.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="service">What follows the endpoint's address.</param>
    /// <param name="body">The members of the body's object, or null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VcsException">No answer came. Ambiguous: what was asked by POST may have been done.</exception>
    public async Task<LfsAnswer> SendAsync(HttpMethod method, string service, Action<Utf8JsonWriter>? body, CancellationToken cancellationToken)
    {
        var answer = await OnceAsync(method, service, body, cancellationToken);
        if (answer.StatusCode == Unauthorized && await credentials.FillAsync(cancellationToken))
        {
            answer = await OnceAsync(method, service, body, cancellationToken);
            await credentials.SettleAsync(answer.StatusCode != Unauthorized, cancellationToken);
        }

        return answer;
    }

    /// <summary>A lock of an answer; null where it has none.</summary>
    public static LfsLock? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || Text(json, "id") is not { Length: > 0 } id || Text(json, "path") is not { Length: > 0 } path)
            return null;
        var at = DateTimeOffset.TryParse(Text(json, "locked_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var read) ? read : DateTimeOffset.UnixEpoch;
        return new LfsLock(id, path, at, json.TryGetProperty("owner", out var owner) && owner.ValueKind == JsonValueKind.Object ? Text(owner, "name") ?? "" : "");
    }

    /// <summary>The locks of a list in an answer.</summary>
    public static IEnumerable<LfsLock> ReadAll(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(Read).OfType<LfsLock>() : [];

    /// <summary>A member's text, or null.</summary>
    public static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private async Task<LfsAnswer> OnceAsync(HttpMethod method, string service, Action<Utf8JsonWriter>? body, CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>> { new("Accept", MediaType) };
        if (credentials.Header is { } authorization)
            headers.Add(new("Authorization", authorization));
        var request = new ExchangeRequest(method, endpoint.At(service)) { Headers = headers, Body = Bytes(body), ContentType = MediaType, MaxResponseBytes = MaxAnswerBytes };
        try
        {
            return Judge(await exchange.SendAsync(request, cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            throw new VcsException(Judge(e, writes: method != HttpMethod.Get && service != Verify), e);
        }
    }

    private LfsAnswer Judge(ExchangeResponse response)
    {
        var date = DateTimeOffset.TryParseExact(response.Headers.GetValueOrDefault("Date"), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var told) ? told : (DateTimeOffset?)null;
        var json = Parse(response.Body);
        if (response.IsSuccess)
            return new LfsAnswer(response.StatusCode, json, date, null);
        var wait = RetryAfter.Parse(response.Headers.GetValueOrDefault("Retry-After"), time.GetUtcNow());
        var isLimit = response.StatusCode == GitFailureTable.RateLimited.From || (response.StatusCode == Forbidden && wait is not null);
        var row = isLimit ? GitFailureTable.RateLimited : GitFailureTable.Statuses.FirstOrDefault(one => response.StatusCode >= one.From && response.StatusCode <= one.To);
        var said = Text(json, "message") is { } message ? Secrets.Strip(message) : row?.Meaning;
        var failure = new RemoteFailure(row?.Category ?? FailureCategory.Unknown, string.Create(CultureInfo.InvariantCulture, $"The lock service at {endpoint.Uri.Host} answered {response.StatusCode}: {said}."))
        {
            Hint = row?.Hint,
            StatusCode = response.StatusCode,
            RetryAfter = wait,
        };
        return new LfsAnswer(response.StatusCode, json, date, failure);
    }

    private RemoteFailure Judge(Exception e, bool writes)
    {
        var error = (e as HttpRequestException)?.HttpRequestError;
        var category = error switch
        {
            HttpRequestError.SecureConnectionError => FailureCategory.Tls,
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => FailureCategory.Network,
            _ => writes ? FailureCategory.Ambiguous : FailureCategory.Network,
        };
        return new RemoteFailure(category, $"The lock service at {endpoint.Uri.Host} gave no answer: {Secrets.Strip(e.Message)}");
    }

    private static byte[] Bytes(Action<Utf8JsonWriter>? body)
    {
        if (body is null)
            return [];
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
