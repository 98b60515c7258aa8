using Posthouse.Ivxp.Hosting;

namespace Posthouse.Ivxp.Egress;

/// <summary>
/// Keeps one client's wish from becoming another's load: how many pushes run towards a host, how many go there in a minute, and
/// how many one wallet causes in an hour. Kept in memory: a restart forgets a minute or an hour of it, never a push.
/// </summary>
internal sealed class PushTraffic(PushOptions push, TimeProvider time)
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    /// <summary>When a host's places are all taken: most pushes are over by then.</summary>
    private static readonly TimeSpan _lookAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>Windows that are over are thrown away when so many stand here: a few hundred kilobytes.</summary>
    private const int MaxWindows = 4_096;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <summary>How many windows stand in memory.</summary>
    public int Remembered
    {
        get
        {
            lock (_lock)
                return _windows.Count;
        }
    }

    /// <summary>Takes a place for one push, or says how long to wait for one.</summary>
    /// <param name="host">Host and port.</param>
    /// <param name="client">The order's client.</param>
    /// <param name="wait">How long until it makes sense to ask again; zero with a place.</param>
    /// <returns>The place, given back by disposing of it; null: none is free.</returns>
    public IDisposable? TryEnter(string host, string client, out TimeSpan wait)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var (toHost, ofClient) = (Open("h" + host, now, _minute), Open("c" + client, now, _hour));
            wait = toHost.Count >= push.PerHostPerMinute ? toHost.Ends - now
                : ofClient.Count >= push.PerClientPerHour ? ofClient.Ends - now
                : _running.GetValueOrDefault(host) >= push.PerHostConcurrency ? _lookAgain
                : TimeSpan.Zero;
            if (wait > TimeSpan.Zero)
                return null;
            (toHost.Count, ofClient.Count) = (toHost.Count + 1, ofClient.Count + 1);
            _running[host] = _running.GetValueOrDefault(host) + 1;
            return new Place(this, host);
        }
    }

    private Window Open(string name, DateTimeOffset now, TimeSpan length)
    {
        // A clock that was set back must not make a window of years.
        if (_windows.TryGetValue(name, out var open) && open.Ends > now && open.Ends - now <= length)
            return open;
        if (_windows.Count >= MaxWindows)
        {
            foreach (var over in _windows.Where(window => window.Value.Ends <= now).Select(window => window.Key).ToList())
                _windows.Remove(over);
        }
        return _windows[name] = new Window(now + length);
    }

    private void Leave(string host)
    {
        lock (_lock)
        {
            if (--_running[host] == 0)
                _running.Remove(host);
        }
    }

    private sealed class Window(DateTimeOffset ends)
    {
        public DateTimeOffset Ends { get; } = ends;

        public int Count { get; set; }
    }

    private sealed class Place(PushTraffic traffic, string host) : IDisposable
    {
        public void Dispose() => traffic.Leave(host);
    }
}
