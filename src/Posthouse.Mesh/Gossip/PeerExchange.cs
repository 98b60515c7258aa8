using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>Hands out and takes in where nodes listen: records that each node signs for itself, so that nobody can send others to a wrong place.</summary>
/// <param name="near">The connections.</param>
/// <param name="book">The addresses.</param>
/// <param name="sign">This node's own record; null: it listens nowhere.</param>
internal sealed class PeerExchange(Neighbourhood near, AddressBook book, Func<Moment, SignedFrame?> sign)
{
    /// <summary>The age at which the own record is signed anew; others keep one for a week.</summary>
    private static readonly TimeSpan _renew = TimeSpan.FromHours(6);

    /// <summary>Records remembered by their ids: as many as there are addresses.</summary>
    private const int MaxNoted = AddressBook.MaxNew + AddressBook.MaxTried;

    private readonly List<AddressEntry> _known = [];
    private readonly HashSet<MessageId> _noted = [];
    private SignedFrame? _own;
    private TimeSpan _signedAt;

    /// <summary>Records of other nodes for one who is sent away.</summary>
    public ReadOnlyMemory<byte>[] Some(Moment now) => Pick(MeshProtocol.MaxRecords, default, now);

    /// <summary>A peer asks for peers.</summary>
    public void OnRequest(Link link, int most, Moment now) => near.Send(link, new PxResponse(most == 0 ? [] : Pick(most, link.Id, now)));

    /// <summary>Whether a record has been here: the same ones go around all the time, and each costs a signature to check.</summary>
    public bool IsNoted(ReadOnlyMemory<byte> record) => SignedBytes.TryDigest(record.Span, out var digest) == Refusal.None && _noted.Contains(digest.Id);

    /// <summary>A record came that somebody told of.</summary>
    public void Note(SignedFrame frame, NodeId teller, Moment now)
    {
        if (_noted.Count >= MaxNoted)
            _noted.Clear();
        _noted.Add(frame.Envelope.Id);
        var node = frame.Envelope.Signer;
        foreach (var address in ((PeerContent)frame.Content).Addresses)
        {
            if (book.Add(address, isSeed: false, teller, now.Wall) is { } entry && frame.Envelope.IssuedAt > entry.RecordAt)
                (entry.Node, entry.Record, entry.RecordAt) = (node, frame.Envelope.Frame, frame.Envelope.IssuedAt);
        }
    }

    /// <summary>The own record first: whoever asks hands it on.</summary>
    private ReadOnlyMemory<byte>[] Pick(int most, NodeId asker, Moment now)
    {
        if (_own is null || now.Steady - _signedAt >= _renew)
            (_own, _signedAt) = (sign(now), now.Steady);
        _known.Clear();
        foreach (var entry in book.Entries)
        {
            if (!entry.Record.IsEmpty && entry.Node != asker && now.Wall - entry.RecordAt < AddressBook.Kept)
                _known.Add(entry);
        }

        var records = new List<ReadOnlyMemory<byte>>(most);
        var seen = new HashSet<NodeId>();
        if (_own is { } own)
            records.Add(own.Envelope.Frame);
        while (records.Count < most && _known.Count > 0)
        {
            var at = near.Below(_known.Count);
            if (seen.Add(_known[at].Node))
                records.Add(_known[at].Record);
            (_known[at], _known[^1]) = (_known[^1], _known[at]);
            _known.RemoveAt(_known.Count - 1);
        }

        return [.. records];
    }
}
