using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>How a node keeps its place among the others. The defaults are gossipsub 1.1's where they are not explained otherwise.</summary>
internal sealed record GossipOptions
{
    /// <summary>The defaults.</summary>
    public static readonly GossipOptions Default = new();

    /// <summary>Nodes up to which everybody tells everybody: a mesh would save nothing.</summary>
    public int FloodUpTo { get; init; } = 13;

    /// <summary>Peers in the mesh that a node aims at: 8 as Ethereum has it, one hop less at 10,000 nodes than with 6.</summary>
    public int Degree { get; init; } = 8;

    /// <summary>Peers in the mesh below which more are taken in.</summary>
    public int LowDegree { get; init; } = 6;

    /// <summary>Peers in the mesh at which some are let go, so that there is room for those who find none elsewhere.</summary>
    public int HighDegree { get; init; } = 12;

    /// <summary>Of them, those that this node dialled itself: whom nobody could have placed there.</summary>
    public int OutboundDegree { get; init; } = 2;

    /// <summary>Of them, those that are kept for their score when some are let go.</summary>
    public int ScoreDegree { get; init; } = 4;

    /// <summary>
    /// Peers in the mesh that a message is passed on to at once; the others get its id, and ask for what has not reached them (as gossipsub
    /// 2.0 announces). With all of them each node would get a copy more than it has peers, less three: links carry most copies both ways.
    /// </summary>
    public int EagerDegree { get; init; } = 4;

    /// <summary>Peers outside the mesh that are told of ids at each heartbeat, at least.</summary>
    public int LazyDegree { get; init; } = 6;

    /// <summary>The share of peers outside the mesh that are told of ids.</summary>
    public double LazyShare { get; init; } = 0.25;

    /// <summary>The time between two heartbeats; below a second, duplicates grow (ProbeLab).</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For how long neither side grafts again after a prune.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an IWant waits before another peer is asked: three round trips around the world.</summary>
    public TimeSpan FollowUp { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Bytes from which the mesh is told that a message need not be sent any more; below, telling costs as much as it saves.</summary>
    public int DontWantFrom { get; init; } = 1_024;

    /// <summary>The time between two looks whether better peers stand outside the mesh.</summary>
    public TimeSpan Opportunism { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The mesh's median score below which better ones are taken in: half of what a peer earns in a minute.</summary>
    public double OpportunismBelow { get; init; } = 1;

    /// <summary>How long a mesh may be too small, with nobody left to graft, until another peer is sought: a dial, a greeting and a graft.</summary>
    public TimeSpan LookElsewhere { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Mean time between two comparisons with a random peer; each ±20 %.</summary>
    public TimeSpan Digest { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between two sketches of the network's size.</summary>
    public TimeSpan Sketch { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Connections that a node opens.</summary>
    public int Outbound { get; init; } = 8;

    /// <summary>Connections that a node takes.</summary>
    public int MaxInbound { get; init; } = 32;

    /// <summary>Connections in all.</summary>
    public int MaxPeers => Outbound + MaxInbound;

    /// <summary>
    /// Connections taken above which one is closed that finds no place in the mesh either: twice what each would have if all had as many. Else
    /// the nodes that were there first have them all, and those that came later none of each other.
    /// </summary>
    public int ManyInbound { get; init; } = 16;

    /// <summary>Connections taken whose greeting is not done: two seconds of a storm of newcomers, and what one that never speaks can hold.</summary>
    public int MaxGreetings { get; init; } = 16;

    /// <summary>Connections below which a node hurries.</summary>
    public int MinPeers { get; init; } = 3;

    /// <summary>How many times this node's own messages are passed on.</summary>
    public byte Ttl { get; init; } = MeshProtocol.DefaultTtl;

    /// <summary>
    /// Hops that a message needs among so many nodes: each passes it on to <see cref="EagerDegree"/> peers, one of which may have it; and three
    /// for the ways that are not the shortest. 12 for 10,000 nodes, as simulated.
    /// </summary>
    public int HopsAmong(int nodes) => nodes <= FloodUpTo ? 2 : (int)Math.Ceiling(Math.Log(nodes, EagerDegree - 1)) + 3;

    /// <summary>Ids of messages that are remembered.</summary>
    public int SeenIds { get; init; } = SeenSet.MaxIds;

    /// <summary>For how long at least.</summary>
    public TimeSpan SeenTime { get; init; } = SeenSet.GenerationTime;

    /// <summary>How long a greeting may take: five round trips of a bad line.</summary>
    public TimeSpan Greeting { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait before the first dial, so that a whole site that starts does not dial at once.</summary>
    public TimeSpan BootDelay { get; init; } = TimeSpan.FromSeconds(3);
}
