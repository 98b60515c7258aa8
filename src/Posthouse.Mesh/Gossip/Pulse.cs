using Posthouse.Mesh.Diagnostics;
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

    /// <summary>How long the comparison of two clocks is trusted: the worst of them drift by a few milliseconds meanwhile.</summary>
    public static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(1);

    /// <summary>Peers whose clocks are compared at least: one or two may be wrong themselves.</summary>
    private const int Tellers = 3;

    /// <summary>
    /// The most that is believed of this node's own error: a majority that lies moves the bounds of what is too new, and of what is too old to
    /// prove life, by no more, and each only so that more is taken.
    /// </summary>
    private static readonly TimeSpan _most = TimeSpan.FromSeconds(30);

    private readonly List<Link> _silent = [];
    private readonly List<TimeSpan> _ahead = [];
    private uint _number;
    private bool _differs;
    private TimeSpan? _offset;

    /// <summary>By how much this node's wall clock is behind its peers': the middle one of theirs, as of the last heartbeat.</summary>
    public TimeSpan ClockError { get; private set; }

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
        var wasSet = WasSet(now);
        foreach (var link in near.Up)
        {
            if (late > LocalHealth.Late)
                link.HeardAt = now.Steady;
            if (wasSet)
                link.RoundTrip = null;
            var silence = now.Steady - link.HeardAt;
            if (silence >= EndAfter)
                _silent.Add(link);
            else if ((silence >= AskAfter && !(link.PingedAt > link.HeardAt)) || wasSet || now.Steady - link.AskedAt >= AskAgain)
                Ask(link, now);
        }

        foreach (var link in _silent)
            near.Close(link, CloseReason.Silent, now);
        _silent.Clear();
        CompareClocks();
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

    /// <summary>Whether the wall's clock was set since the last heartbeat: what was found about it is void then.</summary>
    private bool WasSet(Moment now)
    {
        var offset = now.Wall - DateTimeOffset.UnixEpoch - now.Steady;
        var wasSet = _offset is { } before && (offset - before).Duration() > _telling;
        _offset = offset;
        if (wasSet)
            ClockError = TimeSpan.Zero;
        return wasSet;
    }

    private void CompareClocks()
    {
        _ahead.Clear();
        foreach (var link in near.Up)
        {
            if (link.RoundTrip is not null)
                _ahead.Add(link.ClockAhead);
        }

        _ahead.Sort();
        // What was found before holds while too few are there to say otherwise.
        if (_ahead.Count < Tellers)
            return;
        var error = _ahead[_ahead.Count / 2];
        ClockError = error > _most ? _most : error < -_most ? -_most : error;
        var differs = error.Duration() > MeshProtocol.MaxAhead;
        if (differs != _differs)
            near.Facts.Tell(differs ? new OwnClockDiffers(error) : new OwnClockAgrees());
        _differs = differs;
    }

    private void Ask(Link link, Moment now)
    {
        (link.Ping, link.PingedAt, link.AskedAt) = (++_number, now.Steady, now.Steady);
        near.Send(link, new Ping(_number, now.Wall));
    }
}
