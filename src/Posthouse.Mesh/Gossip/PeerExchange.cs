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

    private readonly List<ReadOnlyMemory<byte>> _picked = [];
    private readonly HashSet<NodeId> _pickedNodes = [];
    private SignedFrame? _own;
    private TimeSpan _signedAt;

    /// <summary>Records of other nodes for one who is sent away.</summary>
    public ReadOnlyMemory<byte>[] Some(Moment now) => Pick(MeshProtocol.MaxRecords, default, now);

    /// <summary>A peer asks for peers.</summary>
    public void OnRequest(Link link, int most, Moment now) => near.Send(link, new PxResponse(most == 0 ? [] : Pick(most, link.Id, now)));

    /// <summary>A record came that somebody told of.</summary>
    public void Note(SignedFrame frame, NodeId teller, Moment now)
    {
        var node = frame.Envelope.Signer;
        // Its own copy: the record came as a part of a frame that would be kept alive by it.
        byte[]? record = null;
        foreach (var address in ((PeerContent)frame.Content).Addresses)
        {
            if (book.Add(address, isSeed: false, teller, now.Wall) is { } entry && frame.Envelope.IssuedAt > entry.RecordAt)
                (entry.Node, entry.Record, entry.RecordAt) = (node, record ??= frame.Envelope.Frame.ToArray(), frame.Envelope.IssuedAt);
        }
    }

    /// <summary>The own record first: whoever asks hands it on.</summary>
    private ReadOnlyMemory<byte>[] Pick(int most, NodeId asker, Moment now)
    {
        if (_own is null || now.Steady - _signedAt >= _renew)
            (_own, _signedAt) = (sign(now), now.Steady);
        _picked.Clear();
        _pickedNodes.Clear();
        if (_own is { } own)
            _picked.Add(own.Envelope.Frame);
        for (var at = 0; at < book.Entries.Count && _picked.Count < most; at++)
        {
            var entry = book.Draw(at, at + near.Below(book.Entries.Count - at));
            if (!entry.Record.IsEmpty && entry.Node != asker && now.Wall - entry.RecordAt < AddressBook.Kept && _pickedNodes.Add(entry.Node))
                _picked.Add(entry.Record);
        }

        return [.. _picked];
    }
}
