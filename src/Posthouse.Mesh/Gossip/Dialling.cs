using Posthouse.Jobs;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// Decides whom to dial and when, and whom to ask for more. Waits grow by decorrelated jitter, so that nodes which lost the same peer at
/// the same time do not come back together.
/// </summary>
internal sealed class Dialling(Neighbourhood near, AddressBook book, MeshLinks mesh, SeedWatch seeds)
{
    /// <summary>Dials under way at a time.</summary>
    private const int MaxDials = 8;

    /// <summary>Dials in a row that fail until an address is left alone for a while; seeds never are.</summary>
    private const int Tries = 10;

    /// <summary>Connections beyond those aimed at that are kept: peers that were lost and found again.</summary>
    private const int Spare = 4;

    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait of a node that has hardly a peer left.</summary>
    private static readonly TimeSpan _hurriedWait = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection must last for the waits to begin anew.</summary>
    private static readonly TimeSpan _stable = TimeSpan.FromSeconds(60);

    /// <summary>The time after a prune within which the end of the connection is what was meant: both are sent at once.</summary>
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(1);

    /// <summary>For how long an address that failed often is left alone.</summary>
    private static readonly TimeSpan _pool = TimeSpan.FromMinutes(10);

    /// <summary>A dial of which nothing was heard counts as failed: the transport's own limit is shorter.</summary>
    private static readonly TimeSpan _lost = TimeSpan.FromSeconds(30);

    /// <summary>Time between two questions for peers to one peer: what it allows, and a second for clocks that differ.</summary>
    private static readonly TimeSpan _askEvery = TimeSpan.FromSeconds(31);

    private readonly List<AddressEntry> _due = [];
    private readonly List<AddressEntry> _underWay = [];
    private readonly List<AddressEntry> _lostOnes = [];
    private readonly List<Link> _askable = [];
    private TimeSpan? _bootAt;

    /// <summary>When there is something to do next.</summary>
    public TimeSpan NextDue { get; private set; }

    /// <summary>Dials whom it is time to dial.</summary>
    public void Tick(Moment now)
    {
        _bootAt ??= now.Steady + (near.Options.BootDelay * near.Ids.NextFraction());
        NextDue = _bootAt.Value;
        if (now.Steady < _bootAt)
            return;
        NextDue = TimeSpan.MaxValue;
        for (var at = _underWay.Count - 1; at >= 0; at--)
        {
            if (_underWay[at].DialledAt is { } since && now.Steady - since >= _lost)
                Fail(_underWay[at], "the dial was not answered", now);
        }

        var dialling = _underWay.Count;
        var want = near.Options.Outbound - near.CountUp(isOutbound: true) - dialling;
        ListDue(now, lostOnly: want <= 0);
        if (want <= 0)
            want = dialling == 0 ? 1 : 0;
        else if (_due.Count == 0)
            AskForPeers(now);
        for (var room = Math.Min(want, MaxDials - dialling); room > 0 && _due.Count > 0; room--)
        {
            var at = PickDue();
            var entry = _due[at];
            _due.RemoveAt(at);
            entry.DialledAt = now.Steady;
            _underWay.Add(entry);
            near.Port.Dial(entry.Address);
        }
    }

    /// <summary>A dial failed.</summary>
    public void OnFailed(string address, string cause, Moment now)
    {
        if (book.Find(address) is { } entry)
            Fail(entry, cause, now);
    }

    /// <summary>A connection is up; who is there is proven.</summary>
    public void OnUp(Link link, Moment now)
    {
        if (link.IsOutbound && (near.CountUp(isOutbound: true) > near.Options.Outbound + Spare || near.Up.Count > near.Options.MaxPeers))
            DropOne(link, now);
        if (link.IsOutbound && book.Find(link.Address) is { } entry)
        {
            entry.DialledAt = null;
            _underWay.Remove(entry);
            (entry.Node, entry.IsTried, entry.LastSeen, entry.Failures) = (link.Id, true, now.Wall, 0);
        }
        else if (!link.IsOutbound && book.Add(link.Address, isSeed: false, link.Id, now.Wall) is { } told)
        {
            told.Node = link.Id;
        }

        seeds.Reached(link.IsOutbound ? link.Address : link.Listens);
        if (book.Find(link.Address) is { WasLost: true } found)
        {
            found.WasLost = false;
            _lostOnes.Remove(found);
        }

        // Everybody's own record comes from itself; who needs addresses asks for more.
        if (link.Address.Length > 0 && book.Find(link.Address)?.Record.IsEmpty != false)
            Ask(link, WantsAddresses ? MeshProtocol.MaxRecords : 1, now);
    }

    /// <summary>A connection ended, whether it was up or not.</summary>
    public void OnDown(Link link, bool wasUp, Moment now)
    {
        var reason = link.ClosedFor;
        var wasSentAway = wasUp && reason is null && now.Steady - link.PrunedAt <= _farewell;
        if (wasUp && reason is null or CloseReason.Silent && !wasSentAway && book.Find(link.Address) is { WasLost: false } lost)
        {
            lost.WasLost = true;
            _lostOnes.Add(lost);
        }

        if (!link.IsOutbound)
            return;
        if (book.Find(link.Address) is not { } entry)
            return;
        if (reason == CloseReason.Self)
        {
            _underWay.Remove(entry);
            book.NoteOwn(link.Address);
            return;
        }

        if (wasUp && now.Steady - link.Since >= _stable)
            entry.Wait = TimeSpan.Zero;
        if (wasUp || reason == CloseReason.Stopping)
        {
            Rest(entry, now);
        }
        else if (reason is CloseReason.Duplicate)
        {
            seeds.Reached(link.Address);
            Rest(entry, now);
        }
        else
        {
            Fail(entry, CauseOf(link), now);
        }

        // Whichever side it was that had no room: neither may graft again for so long.
        if ((wasSentAway || (wasUp && reason == CloseReason.Full)) && near.Up.Count >= near.Options.MinPeers)
            entry.DialAt = now.Steady + near.Options.Backoff;
    }

    private void DropOne(Link newest, Moment now)
    {
        _askable.Clear();
        foreach (var link in near.Up)
        {
            if (link != newest && link.IsOutbound && !link.IsInMesh)
                _askable.Add(link);
        }

        if (_askable.Count > 0)
            mesh.SendAway(_askable[near.Below(_askable.Count)], now);
    }

    private bool WantsAddresses => book.Entries.Count < 2 * near.Options.Outbound;

    /// <summary>
    /// Lists whom to dial. A node that has peers enough still looks for those it lost: else the halves of a network that was cut, each
    /// content with itself, would never meet again.
    /// </summary>
    private void ListDue(Moment now, bool lostOnly)
    {
        _due.Clear();
        if (lostOnly)
        {
            _lostOnes.RemoveAll(entry => book.Find(entry.Address) != entry);
            foreach (var entry in _lostOnes)
                AddIfDue(entry, now);
            return;
        }

        foreach (var entry in book.Entries)
            AddIfDue(entry, now);
    }

    private void AddIfDue(AddressEntry entry, Moment now)
    {
        if (entry.DialledAt is not null || IsConnected(entry) || near.Scores.StandingOf(entry.Node, now.Steady) == Standing.Banned)
            return;
        if (entry.DialAt <= now.Steady)
            _due.Add(entry);
        else if (entry.DialAt < NextDue)
            NextDue = entry.DialAt;
    }

    private bool IsConnected(AddressEntry entry) => near.IsConnected(entry.Address) || near.Find(entry.Node) is not null;

    /// <summary>One of those that were reached before or of the others, each as likely, so that a flood of made-up addresses gets half the dials.</summary>
    private int PickDue()
    {
        var wantsTried = (near.Ids.NextUInt64() & 1) == 0;
        var at = near.Below(_due.Count);
        for (var step = 0; step < _due.Count; step++)
        {
            var entry = _due[(at + step) % _due.Count];
            if ((entry.IsTried || entry.IsSeed) == wantsTried)
                return (at + step) % _due.Count;
        }

        return at;
    }

    private void AskForPeers(Moment now)
    {
        _askable.Clear();
        foreach (var link in near.Up)
        {
            if (now.Steady >= link.AskPeersAt)
                _askable.Add(link);
        }

        if (_askable.Count > 0)
            Ask(_askable[near.Below(_askable.Count)], MeshProtocol.MaxRecords, now);
    }

    private void Ask(Link link, int most, Moment now)
    {
        if (now.Steady < link.AskPeersAt)
            return;
        (link.AskPeersAt, link.AwaitsPeers) = (now.Steady + _askEvery, true);
        near.Send(link, new PxRequest((byte)most));
    }

    /// <summary>Why a connection ended before its greeting did.</summary>
    private static string CauseOf(Link link) => link.ClosedFor switch
    {
        CloseReason.Greeting when link.GreetingFault == Refusal.WrongNetwork => "the node there is one of another mesh (Mesh:Network)",
        CloseReason.Greeting when link.GreetingFault != Refusal.None => $"the greeting failed ({link.GreetingFault})",
        CloseReason.Greeting => "the greeting was not answered",
        CloseReason.Banned => "the node there is banned for what it sent",
        _ => "the connection ended before the greeting did",
    };

    private void Fail(AddressEntry entry, string cause, Moment now)
    {
        Rest(entry, now);
        if (entry.IsSeed)
            seeds.Failed(entry.Address, cause, now.Steady);
        if (++entry.Failures % Tries == 0 && !entry.IsSeed)
            entry.DialAt = now.Steady + _pool;
    }

    private void Rest(AddressEntry entry, Moment now)
    {
        entry.DialledAt = null;
        _underWay.Remove(entry);
        var most = near.Up.Count < near.Options.MinPeers ? _hurriedWait : _longestWait;
        var upTo = entry.Wait * 3 < most ? entry.Wait * 3 : most;
        entry.Wait = _firstWait + ((upTo > _firstWait ? upTo - _firstWait : _firstWait) * near.Ids.NextFraction());
        entry.DialAt = now.Steady + entry.Wait;
        NextDue = entry.DialAt < NextDue ? entry.DialAt : NextDue;
    }
}
