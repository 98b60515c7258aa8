using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// Whether the peers are there. Whatever comes counts as life; who says nothing for a while is asked, and who does not answer that either
/// is given up. Answers also show the round trip and how far the clocks are apart.
/// </summary>
internal sealed class Pulse(Neighbourhood near)
{
    /// <summary>Silence after which a peer is asked whether it is there (mesh protocols' usual 5 s).</summary>
    public static readonly TimeSpan AskAfter = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a peer is given up: 5 s to answer.</summary>
    public static readonly TimeSpan EndAfter = TimeSpan.FromSeconds(10);

    /// <summary>The longest round trip that says something of clocks: half of it may be the error.</summary>
    private static readonly TimeSpan _telling = TimeSpan.FromSeconds(2);

    private readonly List<Link> _silent = [];
    private readonly List<TimeSpan> _ahead = [];
    private uint _number;

    /// <summary>The middle one of the peers' clocks, less this node's: a minority that lies does not move it far.</summary>
    public TimeSpan ClockError
    {
        get
        {
            _ahead.Clear();
            foreach (var link in near.Up)
            {
                if (link.RoundTrip is not null)
                    _ahead.Add(link.ClockAhead);
            }

            _ahead.Sort();
            return _ahead.Count == 0 ? TimeSpan.Zero : _ahead[_ahead.Count / 2];
        }
    }

    /// <summary>A connection is up: its round trip is measured.</summary>
    public void Begin(Link link, Moment now)
    {
        link.HeardAt = now.Steady;
        Ask(link, now);
    }

    /// <summary>Asks the silent, and ends connections that stay so; each heartbeat.</summary>
    /// <param name="late">By how much this heartbeat is late: what came meanwhile has not been read yet, so nobody is blamed.</param>
    /// <param name="now">When.</param>
    public void Heartbeat(TimeSpan late, Moment now)
    {
        foreach (var link in near.Up)
        {
            if (late > LocalHealth.Late)
                link.HeardAt = now.Steady;
            var silence = now.Steady - link.HeardAt;
            if (silence >= EndAfter)
                _silent.Add(link);
            else if (silence >= AskAfter && !(link.PingedAt > link.HeardAt))
                Ask(link, now);
        }

        foreach (var link in _silent)
            near.Close(link, CloseReason.Silent, now);
        _silent.Clear();
    }

    /// <summary>A peer answered.</summary>
    /// <returns>Whether it was asked.</returns>
    public static bool OnPong(Link link, Pong pong, Moment now)
    {
        if (link.PingedAt is not { } asked || pong.Number != link.Ping)
            return pong.Number < link.Ping;
        link.PingedAt = null;
        var roundTrip = now.Steady - asked;
        if (roundTrip > _telling)
            return true;
        link.RoundTrip = roundTrip;
        link.ClockAhead = pong.ReceivedAt + (roundTrip / 2) - now.Wall;
        return true;
    }

    private void Ask(Link link, Moment now)
    {
        (link.Ping, link.PingedAt) = (++_number, now.Steady);
        near.Send(link, new Ping(_number, now.Wall));
    }
}
