using Posthouse.Jobs;

namespace Posthouse.Connectivity;

/// <summary>
/// The default connectivity: a circuit breaker for each destination. Two tries in a row that did not reach it make it Offline;
/// then one probe at a time is let through, after 1 s, 2 s, 4 s and so on up to 60 s, until one gets there.
/// </summary>
public sealed class DestinationHealth : IConnectivity
{
    /// <summary>Tries in a row that do not reach a destination before it is Offline: one may be chance.</summary>
    public const int MissesToOffline = 2;

    /// <summary>Most destinations remembered, about 2 MB; healthy ones that were not heard of for longest are forgotten first.</summary>
    public const int MaxDestinations = 10_000;

    /// <summary>The longest first wait for a probe.</summary>
    public static readonly TimeSpan FirstProbe = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait for any probe: a destination that came back is noticed within a minute.</summary>
    public static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(60);

    /// <summary>The shortest wait for a probe: full jitter may draw nothing, and a wait of nothing would be a hot loop.</summary>
    public static readonly TimeSpan ShortestProbe = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly IIds _ids;
    private readonly long _start;
    private readonly Dictionary<string, LinkedListNode<Health>> _known = new(StringComparer.Ordinal);

    // Each in the order of the last report, oldest first; a destination stands in one of them.
    private readonly LinkedList<Health> _healthy = new();
    private readonly LinkedList<Health> _offline = new();

    /// <summary>Knows nothing yet.</summary>
    /// <param name="time">Its monotonic clock is used.</param>
    /// <param name="ids">For jitter.</param>
    public DestinationHealth(TimeProvider time, IIds ids)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_time, _ids, _start) = (time, ids, time.GetTimestamp());
    }

    /// <inheritdoc/>
    public event Action<string?>? Changed;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <inheritdoc/>
    public ConnectivityState StateOf(string destination)
    {
        lock (_lock)
        {
            return _known.TryGetValue(destination, out var node) ? node.Value.State : ConnectivityState.Unknown;
        }
    }

    /// <inheritdoc/>
    public int RoomFor(string destination)
    {
        lock (_lock)
        {
            return !_known.TryGetValue(destination, out var node) || node.Value.State is not ConnectivityState.Offline ? int.MaxValue
                : node.Value.ProbeAt <= Now ? 1
                : 0;
        }
    }

    /// <inheritdoc/>
    public void Report(string destination, bool reached)
    {
        bool cameBack;
        lock (_lock)
        {
            var node = Touch(destination);
            cameBack = reached && node.Value.Misses > 0;
            if (reached)
            {
                Move(node, node.Value with { State = ConnectivityState.Online, Misses = 0 });
            }
            else if (node.Value.State is not ConnectivityState.Offline || node.Value.ProbeAt <= Now)
            {
                Move(node, Missed(node.Value));
            }

            // What remains is a late report of a try that began before the destination was Offline: it says nothing new,
            // and a hundred of them must not push the next probe to a minute from now.
        }

        if (cameBack)
        {
            Changed?.Invoke(destination);
        }
    }

    /// <inheritdoc/>
    public TimeSpan? UntilNextProbe()
    {
        lock (_lock)
        {
            TimeSpan? next = null;
            var now = Now;
            foreach (var health in _offline)
            {
                // One that is due already wakes nobody: either its probe is out, or it has nothing to do.
                if (health.ProbeAt > now && (next is null || health.ProbeAt - now < next))
                {
                    next = health.ProbeAt - now;
                }
            }

            return next;
        }
    }

    /// <inheritdoc/>
    public void ProbeNow()
    {
        lock (_lock)
        {
            var now = Now;
            for (var node = _offline.First; node is not null; node = node.Next)
            {
                if (node.Value.ProbeAt > now)
                {
                    node.Value = node.Value with { ProbeAt = now };
                }
            }
        }

        Changed?.Invoke(null);
    }

    /// <summary>How many destinations are believed to be what.</summary>
    internal (int Online, int Offline, int Unknown) Count()
    {
        lock (_lock)
        {
            var online = _healthy.Count(health => health.State is ConnectivityState.Online);
            return (online, _offline.Count, _healthy.Count - online);
        }
    }

    /// <summary>The destinations that were heard of last, those that are Offline first.</summary>
    /// <param name="most">How many at most.</param>
    internal IReadOnlyList<(string Destination, ConnectivityState State, TimeSpan? UntilProbe)> Known(int most)
    {
        lock (_lock)
        {
            var now = Now;
            return [.. _offline.Reverse().Concat(_healthy.Reverse()).Take(most).Select(health =>
                (health.Destination, health.State, health.State is ConnectivityState.Offline ? health.ProbeAt > now ? health.ProbeAt - now : TimeSpan.Zero : (TimeSpan?)null))];
        }
    }

    private Health Missed(Health health)
    {
        var misses = health.Misses + 1;
        if (misses < MissesToOffline)
        {
            return health with { Misses = misses };
        }

        var window = FirstProbe * Math.Pow(2, Math.Min(misses - MissesToOffline, 16));
        var drawn = (window < LongestProbe ? window : LongestProbe) * _ids.NextFraction();
        return health with
        {
            State = ConnectivityState.Offline,
            Misses = misses,
            ProbeAt = Now + (drawn > ShortestProbe ? drawn : ShortestProbe),
        };
    }

    private LinkedListNode<Health> Touch(string destination)
    {
        if (!_known.TryGetValue(destination, out var node))
        {
            if (_known.Count >= MaxDestinations && (_healthy.First ?? _offline.First) is { } oldest)
            {
                oldest.List!.Remove(oldest);
                _known.Remove(oldest.Value.Destination);
            }

            node = _healthy.AddLast(new Health(destination, ConnectivityState.Unknown, 0, TimeSpan.Zero));
            _known.Add(destination, node);
        }

        return node;
    }

    private void Move(LinkedListNode<Health> node, Health health)
    {
        node.Value = health;
        node.List!.Remove(node);
        (health.State is ConnectivityState.Offline ? _offline : _healthy).AddLast(node);
    }

    /// <param name="Destination">Its name.</param>
    /// <param name="State">What is believed.</param>
    /// <param name="Misses">Tries in a row that did not reach it, late reports not counted.</param>
    /// <param name="ProbeAt">When the next probe is due, on the monotonic clock; only while Offline.</param>
    private sealed record Health(string Destination, ConnectivityState State, int Misses, TimeSpan ProbeAt);
}
