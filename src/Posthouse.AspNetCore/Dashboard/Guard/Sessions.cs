using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Posthouse.Jobs;

namespace Posthouse.AspNetCore.Dashboard.Guard;

/// <summary>
/// Who has given the token. A session is a random number in a cookie, of which the server keeps a hash in memory: signing out ends it at once,
/// and so does a restart.
/// </summary>
internal sealed class Sessions(DashboardOptions options, TimeProvider time, IIds ids)
{
    /// <summary>How long the token need not be given again: a working day.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromHours(12);

    /// <summary>Sessions at a time; of more the oldest ends.</summary>
    public const int Most = 256;

    private const int NumberBytes = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);
    private readonly byte[]? _token = options.Token is { } token ? Hash(token) : null;

    // The prefix makes browsers take it over safe lines alone, for this host and nothing above it (RFC 6265bis §4.1.3.2).
    private readonly string _cookie = "__Host-" + options.CookieName;

    /// <summary>Whether anybody has to give a token at all.</summary>
    public bool AreNeeded => _token is not null;

    /// <summary>Whether a browser on this line would keep the session's cookie.</summary>
    public static bool CanKeep(HttpContext context) => context.Request.IsHttps || ThisMachine.Asks(context);

    /// <summary>Whether this is the token.</summary>
    public bool IsToken(string given) => _token is not null && CryptographicOperations.FixedTimeEquals(_token, Hash(given.Trim()));

    /// <summary>Whether the request is of somebody who may see the pages.</summary>
    public bool Includes(HttpContext context)
    {
        if (!AreNeeded) { return true; }
        if (context.Request.Cookies[_cookie] is not { Length: > 0 } number) { return false; }

        lock (_lock)
        {
            return _until.TryGetValue(Key(number), out var until) && until > time.GetUtcNow();
        }
    }

    /// <summary>Begins a session with the answer.</summary>
    public void Begin(HttpContext context)
    {
        var secret = new byte[NumberBytes];
        ids.Fill(secret);
        var number = Convert.ToHexString(secret);
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (key, _) in _until.Where(session => session.Value <= now).ToList()) { _until.Remove(key); }
            if (_until.Count >= Most) { _until.Remove(_until.MinBy(session => session.Value).Key); }
            _until[Key(number)] = now + Lasts;
        }

        context.Response.Cookies.Append(_cookie, number, Cookie());
    }

    /// <summary>Ends the request's session.</summary>
    public void End(HttpContext context)
    {
        lock (_lock) { _until.Remove(Key(context.Request.Cookies[_cookie] ?? "")); }
        context.Response.Cookies.Delete(_cookie, Cookie());
    }

    private static CookieOptions Cookie() => new() { Path = "/", Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict };

    private static string Key(string number) => Convert.ToHexString(Hash(number));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
