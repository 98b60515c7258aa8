using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// The messages of the last heartbeats, to answer those who ask for them. Ids are told of for three heartbeats and answered for five, so
/// that an answer to the last telling still finds its message.
/// </summary>
internal sealed class MessageCache
{
    /// <summary>Heartbeats for which a message is kept (gossipsub 1.1).</summary>
    public const int Windows = 5;

    /// <summary>Heartbeats for which its id is told of (gossipsub 1.1).</summary>
    public const int GossipWindows = 3;

    /// <summary>Messages kept: 800 a second.</summary>
    public const int MaxMessages = 4_096;

    /// <summary>Bytes kept: 4 KiB each at that rate.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private readonly Dictionary<MessageId, ReadOnlyMemory<byte>> _frames = [];
    private readonly Queue<(MessageId Id, int Heartbeat)> _order = new();
    private int _heartbeat;
    private int _bytes;

    /// <summary>Messages kept now.</summary>
    public int Count => _frames.Count;

    /// <summary>Messages given up before their time because there were too many.</summary>
    public long Evicted { get; private set; }

    /// <summary>Keeps a message.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="frame">The frame as it is passed on; kept.</param>
    public void Put(MessageId id, ReadOnlyMemory<byte> frame)
    {
        if (!_frames.TryAdd(id, frame))
            return;
        _order.Enqueue((id, _heartbeat));
        _bytes += frame.Length;
        while (_order.Count > MaxMessages || (_bytes > MaxBytes && _order.Count > 1))
        {
            Forget();
            Evicted++;
        }
    }

    /// <summary>The frame of an id, if it is kept.</summary>
    public bool TryGet(MessageId id, out ReadOnlyMemory<byte> frame) => _frames.TryGetValue(id, out frame);

    /// <summary>Adds the ids to tell of, newest last.</summary>
    public void AddGossipIds(List<MessageId> ids)
    {
        foreach (var (id, heartbeat) in _order)
        {
            if (heartbeat > _heartbeat - GossipWindows)
                ids.Add(id);
        }
    }

    /// <summary>A heartbeat is over.</summary>
    public void Shift()
    {
        _heartbeat++;
        while (_order.TryPeek(out var oldest) && oldest.Heartbeat <= _heartbeat - Windows)
            Forget();
    }

    private void Forget()
    {
        var (id, _) = _order.Dequeue();
        if (_frames.Remove(id, out var frame))
            _bytes -= frame.Length;
    }
}
