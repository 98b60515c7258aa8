using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>One comparison with one peer, as the side sees it that asked. Most find nothing, and hold nothing.</summary>
/// <param name="number">Its number on the link.</param>
/// <param name="startedAt">When it was asked for.</param>
internal sealed class Comparison(uint number, TimeSpan startedAt)
{
    private Difference? _found;

    /// <summary>Its number on the link.</summary>
    public uint Number => number;

    /// <summary>When it was asked for.</summary>
    public TimeSpan StartedAt { get; } = startedAt;

    /// <summary>Whether the other side has not told all that it holds.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>When the other side last answered, or was asked for something.</summary>
    public TimeSpan HeardAt { get; set; } = startedAt;

    /// <summary>Whether something is still to come.</summary>
    public bool IsUnderWay => IsOpen || _found is { IsSettled: false };

    /// <summary>Whether there is something to ask for, and nothing is asked for yet.</summary>
    public bool MayAsk => !IsOpen && _found is { MayAsk: true };

    /// <summary>What differs; null: nothing as far as is known.</summary>
    public Difference? Found => _found;

    /// <summary>What differs, to be added to.</summary>
    public Difference Find() => _found ??= new();

    /// <summary>The updates to ask for next; empty: none.</summary>
    public MessageId[] Ask() => _found?.Ask() ?? [];

    /// <summary>An update came.</summary>
    public void Got(MessageId update) => _found?.Got(update);

    /// <summary>The answer is over.</summary>
    /// <param name="isLast">Whether the other side has no more of what was asked for; else the rest is asked for again.</param>
    public void Answered(bool isLast) => _found?.Answered(isLast);
}

/// <summary>What two nodes hold differently.</summary>
internal sealed class Difference
{
    private readonly Queue<MessageId> _lacking = new();
    private readonly HashSet<MessageId> _lackingSet = [];
    private readonly HashSet<MessageId> _asked = [];

    /// <summary>What the other side told of.</summary>
    public HashSet<(AssetKey Key, NodeId Provider)> Listed { get; } = [];

    /// <summary>The buckets that it told of.</summary>
    public HashSet<int> Buckets { get; } = [];

    /// <summary>Updates of this node's that are newer than the other side's.</summary>
    public Dictionary<MessageId, ReadOnlyMemory<byte>> Newer { get; } = [];

    /// <summary>Whether there is something to ask for, and nothing is asked for yet.</summary>
    public bool MayAsk => _asked.Count == 0 && _lacking.Count > 0;

    /// <summary>Whether all that this node lacks has come, or will not come.</summary>
    public bool IsSettled => _asked.Count == 0 && _lacking.Count == 0;

    /// <summary>This node lacks an update that the other side has.</summary>
    public void Lack(MessageId update)
    {
        if (_lackingSet.Add(update))
            _lacking.Enqueue(update);
    }

    /// <summary>The updates to ask for next; empty: none.</summary>
    public MessageId[] Ask()
    {
        _asked.Clear();
        while (_asked.Count < MeshProtocol.MaxChunkUpdates && _lacking.TryDequeue(out var next))
            _asked.Add(next);
        return [.. _asked];
    }

    /// <summary>An update came.</summary>
    public void Got(MessageId update) => _asked.Remove(update);

    /// <summary>The answer is over.</summary>
    /// <param name="isLast">Whether the other side has no more of what was asked for; else the rest is asked for again.</param>
    public void Answered(bool isLast)
    {
        foreach (var update in _asked)
        {
            if (!isLast)
                _lacking.Enqueue(update);
        }

        _asked.Clear();
    }
}
