using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>One connection and what this node remembers of the peer at its other end; it is forgotten with the connection.</summary>
internal sealed class Link(int number, bool isOutbound, string address, ulong group, PeerBudget budget, TimeSpan since)
{
    /// <summary>Ids that a peer may have told us not to send at a time: two seconds of gossipsub's limit would be ten times that.</summary>
    private const int MaxDontWants = 1_024;

    /// <summary>How often one message is sent to one peer that asks for it (gossipsub 1.1).</summary>
    private const int MaxServes = 3;

    /// <summary>Chunks that are asked for: three quarters of what a peer takes as questions, for there are others (<see cref="PeerShares.Questions"/>).</summary>
    private static readonly Share _asks = new(24, 3);

    private TokenBucket _asked;
    private HashSet<MessageId>? _dontWants;
    private Dictionary<MessageId, int>? _served;

    /// <summary>The host's number.</summary>
    public int Number => number;

    /// <summary>Whether this node dialled.</summary>
    public bool IsOutbound => isOutbound;

    /// <summary>The address dialled, or where the peer says it listens; empty: not known.</summary>
    public string Address { get; set; } = address;

    /// <summary>The group of its address; 0: none.</summary>
    public ulong Group => group;

    /// <summary>The greeting, until it is done.</summary>
    public Handshake? Handshake { get; set; }

    /// <summary>What the peer may still send.</summary>
    public PeerBudget Budget => budget;

    /// <summary>When it was opened, or, once it is up, when the greeting ended.</summary>
    public TimeSpan Since { get; set; } = since;

    /// <summary>Whether the greeting is done.</summary>
    public bool IsUp { get; set; }

    /// <summary>This side's nonce, until the greeting is done.</summary>
    public ReadOnlyMemory<byte> Nonce { get; set; }

    /// <summary>Where the peer says that it listens; empty: nowhere.</summary>
    public string Listens { get; set; } = "";

    /// <summary>Who is at the other end, once that is proven.</summary>
    public NodeId Id { get; set; }

    /// <summary>Which start of its process.</summary>
    public uint Epoch { get; set; }

    /// <summary>Whether another connection to the same start of the same node took its place.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>Whether a later start of the node took its place.</summary>
    public bool IsReplaced { get; set; }

    /// <summary>Why this side closed it; null: it did not.</summary>
    public CloseReason? ClosedFor { get; set; }

    /// <summary>What was wrong with the greeting; none: nothing so far.</summary>
    public Refusal GreetingFault { get; set; }

    /// <summary>Whether messages are passed on to it at once.</summary>
    public bool IsInMesh { get; set; }

    /// <summary>What its score allowed when it was last computed.</summary>
    public Standing Standing { get; set; }

    /// <summary>When anything last came over it.</summary>
    public TimeSpan HeardAt { get; set; }

    /// <summary>The number of the last ping.</summary>
    public uint Ping { get; set; }

    /// <summary>When that was sent, until it is answered.</summary>
    public TimeSpan? PingedAt { get; set; }

    /// <summary>When the last ping was sent, answered or not.</summary>
    public TimeSpan AskedAt { get; set; }

    /// <summary>The round trip that the last answer showed; null: there was none.</summary>
    public TimeSpan? RoundTrip { get; set; }

    /// <summary>By how much the peer's wall clock is ahead of this node's, as the last answer showed it.</summary>
    public TimeSpan ClockAhead { get; set; }

    /// <summary>When the peer last pruned it; null: never.</summary>
    public TimeSpan? PrunedAt { get; set; }

    /// <summary>Whether it was blamed in this heartbeat for sending more than its share.</summary>
    public bool IsBlamedThisBeat { get; set; }

    /// <summary>IWants in a row that it did not answer.</summary>
    public int Unanswered { get; set; }

    /// <summary>Of the last of them, when the answer was due.</summary>
    public TimeSpan UnansweredAt { get; set; }

    /// <summary>When this node may ask it for peers again.</summary>
    public TimeSpan AskPeersAt { get; set; }

    /// <summary>Whether it was asked for peers and has not answered.</summary>
    public bool AwaitsPeers { get; set; }

    /// <summary>Whether it has given records of others without being asked.</summary>
    public bool HasGivenRecords { get; set; }

    /// <summary>The comparison with it; null: there was none.</summary>
    public Comparison? Comparison { get; set; }

    /// <summary>The number of its last comparison that this node answered: updates that it sends unasked carry it.</summary>
    public uint? AnsweredDigest { get; set; }

    /// <summary>Whether the peer may be asked for updates once more.</summary>
    public bool TryAsk(TimeSpan now) => _asked.TryTake(1, _asks, now);

    /// <summary>Notes that it has a message already.</summary>
    public void NoteDontWant(MessageId id)
    {
        _dontWants ??= [];
        if (_dontWants.Count < MaxDontWants)
            _dontWants.Add(id);
    }

    /// <summary>Whether it has a message already.</summary>
    public bool DontWants(MessageId id) => _dontWants?.Contains(id) == true;

    /// <summary>Whether a message may be sent to it once more because it asked.</summary>
    public bool TryServe(MessageId id)
    {
        _served ??= [];
        var times = _served.GetValueOrDefault(id);
        _served[id] = times + 1;
        return times < MaxServes;
    }

    /// <summary>A heartbeat is over.</summary>
    /// <param name="forget">Whether the messages that are spoken of have left the cache.</param>
    public void Shift(bool forget)
    {
        IsBlamedThisBeat = false;
        if (!forget)
            return;
        _dontWants?.Clear();
        _served?.Clear();
    }
}
