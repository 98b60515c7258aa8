namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// Everything a node talks to over a network, as exchanges: a request travels, is served outside all nodes, and an answer
/// travels back, each leg with a seeded delay. What goes wrong surfaces as the exceptions of a real exchange.
/// </summary>
internal sealed class SimFarSide(Sim sim)
{
    /// <summary>The time limit of an exchange that names none, as in <c>ExchangeRequest.Timeout</c>.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private const int StragglerFactor = 50;

    // One exchange in a hundred is slow even in a calm run, so that answers overtake one another.
    private const double CalmStragglers = 0.01;

    private static readonly TimeSpan ShortestLeg = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestLeg = TimeSpan.FromMilliseconds(20);

    private readonly HashSet<(string From, string To)> _cuts = [];
    private readonly Dictionary<string, TimeSpan> _awayUntil = new(StringComparer.Ordinal);

    /// <summary>Drops what travels from one name to the other, in that direction alone.</summary>
    public void Cut(string from, string to)
    {
        sim.Mark($"cut {from} -> {to}");
        _cuts.Add((from, to));
    }

    public void Heal(string from, string to)
    {
        sim.Mark($"heal {from} -> {to}");
        _cuts.Remove((from, to));
    }

    /// <summary>Nobody answers at <paramref name="destination"/> for that long: connections are refused.</summary>
    public void Outage(string destination, TimeSpan length)
    {
        sim.Mark($"{destination} away for {length}");
        _awayUntil[destination] = sim.Now + length;
    }

    /// <summary>Ends every cut and outage.</summary>
    public void HealAll()
    {
        sim.Mark("heal all");
        _cuts.Clear();
        _awayUntil.Clear();
    }

    public bool IsAway(string destination) => _awayUntil.GetValueOrDefault(destination) > sim.Now;

    /// <summary>One exchange. <paramref name="serve"/> runs at the far side when a request arrives: not at all, once, or twice.</summary>
    /// <param name="from">The caller; in its crash the answer vanishes.</param>
    /// <param name="to">The destination's name, for cuts and outages.</param>
    /// <param name="serve">The far side's work and answer; what it throws reaches the caller as it is.</param>
    /// <param name="timeout">The limit of the whole exchange, <see cref="DefaultTimeout"/> when null.</param>
    /// <param name="cancellationToken">Ends the wait, not the request that is on its way.</param>
    /// <exception cref="HttpRequestException">Refused, or the answer was lost: the effect may have happened.</exception>
    /// <exception cref="TimeoutException">The limit passed: the effect may have happened or happen later.</exception>
    public Task<T> CallAsync<T>(SimNode from, string to, Func<T> serve, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!from.IsUp)
            return answer.Task;
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellationToken);

        var exchange = new Exchange<T>(this, from, from.Incarnation, to, serve, answer);
        var limit = timeout ?? DefaultTimeout;
        exchange.Return(limit, () => answer.TrySetException(new TimeoutException($"{to} did not answer in {limit} (simulated).")));
        exchange.EndWith(cancellationToken);
        exchange.Depart();
        if (sim.Chance(Fault.RequestTwice))
            exchange.Depart();
        return answer.Task;
    }

    private TimeSpan Leg()
    {
        var leg = sim.Between(ShortestLeg, LongestLeg);
        return sim.Chance(CalmStragglers) || sim.Chance(Fault.Straggler) ? leg * StragglerFactor : leg;
    }

    private static HttpRequestException Refused(string to) =>
        new(HttpRequestError.ConnectionError, $"{to} refused the connection (simulated).");

    private static HttpRequestException Ended(string to) =>
        new(HttpRequestError.ResponseEnded, $"{to} ended before its answer (simulated).");

    private sealed class Exchange<T>(
        SimFarSide side, SimNode from, int incarnation, string to, Func<T> serve, TaskCompletionSource<T> answer)
    {
        private readonly Sim _sim = from.Sim;
        private CancellationTokenRegistration _cancellation;

        public void EndWith(CancellationToken cancellationToken) =>
            _cancellation = cancellationToken.UnsafeRegister(_ => answer.TrySetCanceled(cancellationToken), null);

        /// <summary>Sends the request once. A lost one is seen at once as a broken connection, or only by the limit.</summary>
        public void Depart()
        {
            if (_sim.Chance(Fault.RequestLost))
            {
                if (_sim.Chance(0.5))
                    Return(side.Leg(), () => answer.TrySetException(Refused(to)));
                return;
            }

            _sim.After(side.Leg(), null, Arrive);
        }

        /// <summary>Brings something back to the caller, unless the caller's incarnation is dead by then.</summary>
        public void Return(TimeSpan delay, Action settle) =>
            _sim.Enqueue((_sim.Now + delay).Ticks, from, incarnation, () =>
            {
                settle();
                _cancellation.Dispose();
            });

        private void Arrive()
        {
            if (side._cuts.Contains((from.Name, to)))
                return;
            if (side.IsAway(to))
            {
                Return(side.Leg(), () => answer.TrySetException(Refused(to)));
                return;
            }

            _sim.Mark($"{from.Name} reaches {to}");
            var settle = Serve();
            if (side._cuts.Contains((to, from.Name)))
                return;
            if (!_sim.Chance(Fault.ReplyLost))
                Return(side.Leg(), settle);
            else if (_sim.Chance(0.5))
                Return(side.Leg(), () => answer.TrySetException(Ended(to)));
        }

        private Action Serve()
        {
            try
            {
                var value = serve();
                return () => answer.TrySetResult(value);
            }
            catch (Exception e)
            {
                return () => answer.TrySetException(e);
            }
        }
    }
}
