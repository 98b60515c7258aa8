using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <content>What becomes of the frames that come in, and of connections.</content>
internal sealed partial class GossipNode
{
    /// <summary>A frame came.</summary>
    /// <param name="link">On which connection.</param>
    /// <param name="bytes">The frame; kept, so it must not be changed any more.</param>
    /// <param name="now">When.</param>
    public void OnFrame(int link, ReadOnlyMemory<byte> bytes, Moment now)
    {
        if (_near.Find(link) is not { } from)
            return;
        if (!from.IsUp)
        {
            Greet(from, bytes, now);
            return;
        }

        from.HeardAt = now.Steady;
        var verdict = _pipeline.Receive(new Incoming(bytes, Origin.Live, from.Budget, from.Standing, now.Steady, Judging(now)), out var frame);
        if (!verdict.IsAccepted)
            OnRefused(from, bytes, verdict, now);
        else if (frame is SignedFrame signed)
            OnGossip(from, signed, now);
        else if (OnLinkFrame(from, frame!, now) is var reason and not Refusal.None)
            OnRefused(from, bytes, _pipeline.Counts.Note(reason), now);
    }

    /// <summary>A message came that is no frame: its WebSocket type says text. The transport closes the connection.</summary>
    /// <param name="link">On which connection.</param>
    /// <param name="now">When.</param>
    public void OnText(int link, Moment now)
    {
        Counts.Note(Refusal.OutOfPlace);
        if (_near.Find(link) is { IsUp: true } from)
            _near.Reject(from, now);
    }

    private void Greet(Link link, ReadOnlyMemory<byte> bytes, Moment now)
    {
        if (_greetings.OnFrame(link, bytes, now))
            OnUp(link, now);
    }

    private void OnUp(Link link, Moment now)
    {
        var status = Book.OnPeerConnected(link.Id, now);
        _tracker.Size.Add(link.Id);
        _dialling.OnUp(link, now);
        if (!link.IsOutbound && (_near.CountUp(isOutbound: false) > _setup.Gossip.MaxInbound || _near.Up.Count > _setup.Gossip.MaxPeers))
        {
            _mesh.SendAway(link, now);
            return;
        }

        _near.Send(link, StatusOf(status));
        _near.Send(link, _tracker.Size.Sketch());
        _catchUp.Begin(link, now);
        _pulse.Begin(link, now);
    }

    private NetworkStatusFrame StatusOf(PeerStatus status)
    {
        var told = new List<ReadOnlyMemory<byte>>();
        if (_voice.Beacon is { } own)
            told.Add(own.Envelope.Frame);
        // The newest: what is old was heard by now, or is told by its successor.
        told.AddRange(_keyChanges.Values.Skip(_keyChanges.Count + told.Count - (MeshProtocol.MaxBeacons / 2)));

        foreach (var beacon in status.Beacons)
        {
            if (!beacon.Signed.IsEmpty && told.Count < MeshProtocol.MaxBeacons)
                told.Add(beacon.Signed);
        }

        return new NetworkStatusFrame(Id, status.IsProvider, (byte)Math.Min(status.HopCount, MeshProtocol.NoHops), [.. told]);
    }

    /// <summary>A connection is no more. If a later start of the same node took its place, nothing of the old one is kept.</summary>
    private void OnLost(Link link, bool wasUp, Moment now)
    {
        if (link.IsReplaced)
            _mesh.Forget(link.Id);
        _dialling.OnDown(link, wasUp, now);
        if (link.IsSuperseded || !wasUp)
            return;
        _asked.Clear();
        Book.OnPeerDisconnected(link.Id, now, _asked);
        foreach (var witness in _asked)
            _witnesses.Ask(witness, link.Id, now);
    }

    private void OnRefused(Link from, ReadOnlyMemory<byte> bytes, Verdict verdict, Moment now)
    {
        if (verdict.Judgement == Judgement.Ignore && verdict.Reason != Refusal.Duplicate)
            _spread.OnIgnored(bytes);
        if (verdict.Judgement == Judgement.Reject)
        {
            _near.Reject(from, now);
        }
        else if (verdict.Reason == Refusal.OwnKey)
        {
            _greetings.Alarm("", now);
        }
        else if (verdict.Reason == Refusal.RateLimited && !from.IsBlamedThisBeat)
        {
            from.IsBlamedThisBeat = true;
            _near.Breach(from, now);
        }
    }

    private void OnGossip(Link from, SignedFrame frame, Moment now)
    {
        _near.Scores.Delivered(from.Id, now.Steady);
        Absorb(frame, ProofPath.Live, (byte)Math.Min(frame.Envelope.Hop + 1, byte.MaxValue), now);
        _spread.Relay(frame, from);
    }

    /// <summary>Takes what a signed message says.</summary>
    private void Absorb(SignedFrame frame, ProofPath path, byte hops, Moment now)
    {
        switch (frame.Content)
        {
            case PriceContent:
                if (Book.Accept(frame.Update!, frame.Envelope.Id, PriceOrigin.Live, frame.Envelope.Frame, hops, now) > 0)
                    _setup.Port.Keep(frame, PriceOrigin.Live);
                _turns.OnUpdate(frame.Update!, now);
                break;
            case BeaconContent or GoodbyeContent:
                _tracker.OnProof(ProofOfLife.Of(frame, path, hops), now);
                break;
            case KeyChangeContent when _keyChanges.Count < ProviderTrust.MaxChanges:
                // Its own copy: it may be a part of a status that would be kept alive by it.
                if (_keyChanges.TryAdd(frame.Envelope.Signer, frame.Envelope.Frame.ToArray()))
                    _setup.Port.Follow(frame);
                break;
        }
    }

    /// <summary>Takes a frame that speaks for the peer alone.</summary>
    /// <returns>Why it was refused, or <see cref="Refusal.None"/>.</returns>
    private Refusal OnLinkFrame(Link from, Frame frame, Moment now)
    {
        switch (frame)
        {
            case IHave have: _spread.OnHave(from, have.Ids, now); break;
            case IWant want: _spread.OnWant(from, want.Ids); break;
            case IDontWant dont: Spread.OnDontWant(from, dont.Ids); break;
            case Graft: _mesh.OnGraft(from, now); break;
            case Prune prune:
                _mesh.OnPrune(from, prune.BackoffSeconds, now);
                TakeFarewell(from, prune.Records, now);
                break;
            case Ping ping: _near.Send(from, new Pong(ping.Number, ping.SentAt, now.Wall)); break;
            case Pong pong: return Asked(Pulse.OnPong(from, pong, now));
            case NetworkStatusFrame status: return OnStatus(from, status, now);
            case SizeSketch sketch: _tracker.Size.Merge(sketch); break;
            case PxRequest request: _exchange.OnRequest(from, request.Most, now); break;
            case PxResponse response when from.AwaitsPeers:
                from.AwaitsPeers = false;
                TakeRecords(from, response.Records, now);
                break;
            case DigestRequest request: _catchUp.OnRequest(from, request, now); break;
            case DigestResponse response: return Asked(_catchUp.OnResponse(from, response, now));
            case SnapshotChunk chunk: return Asked(_catchUp.OnChunk(from, chunk, now));
            case ProbeRequest request: _witnesses.OnRequest(from, request, now); break;
            case ProbeAck ack: return OnProbeAck(from, ack, now);
            case PxResponse: return Refusal.Unsolicited;
            default: return Refusal.OutOfPlace;
        }

        return Refusal.None;
    }

    private static Refusal Asked(bool wasAsked) => wasAsked ? Refusal.None : Refusal.Unsolicited;

    private Refusal OnStatus(Link from, NetworkStatusFrame status, Moment now)
    {
        if (status.Node != from.Id)
            return Refusal.OutOfPlace;
        var beacons = new List<ProofOfLife>(status.Beacons.Length);
        foreach (var bytes in status.Beacons)
        {
            if (IsKnownChange(bytes.Span) || Told(from, bytes, now) is not { } frame)
                continue;
            if (frame.Content is BeaconContent)
                beacons.Add(ProofOfLife.Of(frame, ProofPath.Relayed, (byte)Math.Min(frame.Envelope.Hop + 1, byte.MaxValue)));
            else if (frame.Content is KeyChangeContent)
                Absorb(frame, ProofPath.Relayed, 0, now);
        }

        Book.HandleNetworkStatus(new PeerStatus(status.Node, status.IsProvider, status.HopCount, beacons), now);
        return Refusal.None;
    }

    /// <summary>Whether a change of key is held already. It stays true for days, and costs two signatures whenever a peer tells it.</summary>
    private bool IsKnownChange(ReadOnlySpan<byte> told)
    {
        foreach (var change in _keyChanges.Values)
        {
            // Type, ttl and hops come first; the rest is what was signed, and the signature.
            if (told.Length == change.Length && told[3..].SequenceEqual(change.Span[3..]))
                return true;
        }

        return false;
    }

    private Refusal OnProbeAck(Link from, ProbeAck ack, Moment now)
    {
        if (_witnesses.OnAck(from, ack, now) is not { } wasAsked)
            return Refusal.None;
        if (!wasAsked)
            return Refusal.Unsolicited;
        if (!ack.Proof.IsEmpty && Told(from, ack.Proof, now) is { Content: BeaconContent } proof && proof.Envelope.Signer == ack.Target)
            _tracker.OnProof(ProofOfLife.Of(proof, ProofPath.Relayed, (byte)Math.Min(proof.Envelope.Hop + 2, byte.MaxValue)), now);
        return Refusal.None;
    }

    /// <summary>Records that nobody asked for: of a peer of good standing, and once, for whoever sends them with a prune closes the connection.</summary>
    private void TakeFarewell(Link from, ReadOnlyMemory<byte>[] records, Moment now)
    {
        if (records.Length == 0)
            return;
        if (from.Standing != Standing.Good || from.HasGivenRecords)
        {
            Counts.Note(from.HasGivenRecords ? Refusal.RateLimited : Refusal.PeerShunned);
            return;
        }

        from.HasGivenRecords = true;
        TakeRecords(from, records, now);
    }

    private void TakeRecords(Link from, ReadOnlyMemory<byte>[] records, Moment now)
    {
        foreach (var bytes in records)
        {
            // The same ones go around all the time, and each costs a signature to check.
            if (!_addresses.HasRecord(bytes.Span) && Told(from, bytes, now) is { Content: PeerContent } record && record.Envelope.Signer != Id)
                _exchange.Note(record, from.Id, now);
        }
    }

    /// <summary>
    /// The wall's time by which messages are judged: by the peers' clocks where this node's is behind them, and never earlier than its own, so
    /// that no majority of peers makes what it would take look like the future.
    /// </summary>
    private DateTimeOffset Judging(Moment now) => now.Wall + (ClockError > TimeSpan.Zero ? ClockError : TimeSpan.Zero);

    /// <summary>Checks a message that another frame carries; a bad one is the teller's fault.</summary>
    private SignedFrame? Told(Link from, ReadOnlyMemory<byte> bytes, Moment now)
    {
        if (!from.IsUp)
            return null;
        var verdict = _pipeline.Receive(new Incoming(bytes, Origin.Told, null, from.Standing, now.Steady, Judging(now)), out var frame);
        if (verdict.Judgement == Judgement.Reject)
            _near.Reject(from, now);
        return frame as SignedFrame;
    }

    /// <summary>Takes an update that a comparison brought.</summary>
    private int TakeSynced(ReadOnlyMemory<byte> bytes, Moment now)
    {
        var incoming = new Incoming(bytes, Origin.Sync, null, Standing.Good, now.Steady, Judging(now));
        var verdict = _pipeline.Open(incoming, out var frame);
        if (frame is not SignedFrame { Update: { } update } signed)
            return verdict.Judgement == Judgement.Reject ? -1 : 0;
        // What is held already costs no signature: a peer could have the same old ones checked for ever.
        if (!Book.Map.LacksAnyOf(update, signed.Envelope.Id))
            return 0;
        verdict = _pipeline.Settle(signed, incoming, _pipeline.IsProven(signed, incoming) ? Refusal.None : _pipeline.Verify(signed));
        if (!verdict.IsAccepted)
            return verdict.Judgement == Judgement.Reject ? -1 : 0;
        // Its own copy: what came is a part of a chunk that would be kept alive by it.
        var newer = Book.Accept(update, signed.Envelope.Id, PriceOrigin.Sync, signed.Envelope.Frame.ToArray(), null, now);
        if (newer > 0)
            _setup.Port.Keep(signed, PriceOrigin.Sync);
        return newer;
    }
}
