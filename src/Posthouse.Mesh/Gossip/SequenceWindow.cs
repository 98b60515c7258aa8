using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// Tells replays from messages that are only late. Of each signer the highest number is known, and which of the 256 up to it were taken;
/// what is further back cannot be told and is refused. A higher epoch starts anew, a lower one is a ghost.
/// </summary>
internal sealed class SequenceWindow
{
    /// <summary>Numbers remembered of each signer: a second of a busy provider's messages overtaking each other.</summary>
    public const int Width = 256;

    /// <summary>
    /// Signers remembered, in two generations: the longest unheard are forgotten first. A forgotten one's old messages are still too old
    /// to be taken.
    /// </summary>
    public const int MaxSources = 4_096;

    private Dictionary<NodeId, Track> _young = [];
    private Dictionary<NodeId, Track> _old = [];

    /// <summary>Signers remembered now.</summary>
    public int Sources => _young.Count + _old.Count;

    /// <summary>Takes a message's number: the check and the mark are one step.</summary>
    /// <returns><see cref="Refusal.None"/>, or <see cref="Refusal.EpochOld"/>, <see cref="Refusal.Replayed"/>, <see cref="Refusal.BehindWindow"/>.</returns>
    public Refusal TryMark(NodeId source, Stamp stamp)
    {
        if (Find(source) is { } track)
            return track.TryMark(stamp);
        Add(source, new Track(stamp, wereAllTaken: false));
        return Refusal.None;
    }

    /// <summary>Sets where a signer stood when this node last knew: everything up to it counts as taken. Used when stored prices are read back.</summary>
    public void Raise(NodeId source, Stamp stamp)
    {
        if (Find(source) is not { } track)
            Add(source, new Track(stamp, wereAllTaken: true));
        else if (stamp.CompareTo(track.Newest) > 0)
            track.Begin(stamp, wereAllTaken: true);
    }

    /// <summary>The newest message taken of a signer; null: none is known.</summary>
    public Stamp? Newest(NodeId source) => Find(source)?.Newest;

    private Track? Find(NodeId source)
    {
        if (_young.TryGetValue(source, out var track))
            return track;
        if (_old.Remove(source, out track))
            Add(source, track);
        return track;
    }

    private void Add(NodeId source, Track track)
    {
        if (_young.Count >= MaxSources / 2)
            (_old, _young) = (_young, []);
        _young.Add(source, track);
    }

    /// <summary>One signer. Number n has the bit n mod 256, so that nothing is shifted when the window moves on.</summary>
    private sealed class Track
    {
        private const int WordBits = 64;
        private readonly ulong[] _taken = new ulong[Width / WordBits];

        public Track(Stamp stamp, bool wereAllTaken) => Begin(stamp, wereAllTaken);

        public Stamp Newest { get; private set; }

        public void Begin(Stamp stamp, bool wereAllTaken)
        {
            Newest = stamp;
            Array.Fill(_taken, wereAllTaken ? ulong.MaxValue : 0);
            Bit(stamp.Seq) |= Mask(stamp.Seq);
        }

        public Refusal TryMark(Stamp stamp)
        {
            if (stamp.Epoch < Newest.Epoch)
                return Refusal.EpochOld;
            if (stamp.Epoch > Newest.Epoch || (stamp.Seq > Newest.Seq && stamp.Seq - Newest.Seq >= Width))
            {
                Begin(stamp, wereAllTaken: false);
                return Refusal.None;
            }

            if (stamp.Seq > Newest.Seq)
            {
                for (var skipped = Newest.Seq + 1; skipped < stamp.Seq; skipped++)
                    Bit(skipped) &= ~Mask(skipped);
                Newest = stamp;
            }
            else if (Newest.Seq - stamp.Seq >= Width)
            {
                return Refusal.BehindWindow;
            }
            else if ((Bit(stamp.Seq) & Mask(stamp.Seq)) != 0)
            {
                return Refusal.Replayed;
            }

            Bit(stamp.Seq) |= Mask(stamp.Seq);
            return Refusal.None;
        }

        private static ulong Mask(ulong seq) => 1UL << (int)(seq % WordBits);

        private ref ulong Bit(ulong seq) => ref _taken[(int)(seq % Width) / WordBits];
    }
}
