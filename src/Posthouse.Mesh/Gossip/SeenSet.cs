using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// Ids of messages that were taken, in two generations. An id is remembered for at least one generation's time and at most two, or until
/// more than half the limit came after it; forgetting costs nothing, for a whole generation goes at once.
/// </summary>
internal sealed class SeenSet
{
    /// <summary>How long a generation is filled where nothing else is configured, and at least: as long as a live message may be old.</summary>
    public static readonly TimeSpan GenerationTime = MeshProtocol.MaxAge;

    /// <summary>Ids of both generations: 100 messages a second for 300 s, twice; about 3 MiB.</summary>
    public const int MaxIds = 65_536;

    /// <summary>The least that can be asked for: what the source's own setting was.</summary>
    public const int MinIds = 10_000;

    private readonly int _generationIds;
    private readonly TimeSpan _generationTime;
    private HashSet<MessageId> _young = [];
    private HashSet<MessageId> _old = [];
    private TimeSpan _bornAt = TimeSpan.MinValue;

    /// <summary>An empty set.</summary>
    /// <param name="maxIds">Ids of both generations; at least <see cref="MinIds"/>.</param>
    /// <param name="time">How long a generation is filled; null: <see cref="GenerationTime"/>.</param>
    public SeenSet(int maxIds = MaxIds, TimeSpan? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxIds, MinIds);
        (_generationIds, _generationTime) = (maxIds / 2, time ?? GenerationTime);
    }

    /// <summary>Ids remembered now.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>Generations that ended because they were full, not because their time was over: above 0 the limit is too low for the traffic.</summary>
    public long Hastened { get; private set; }

    /// <summary>Whether a message was here before. What is found stays as old as it is.</summary>
    public bool Contains(MessageId id, TimeSpan now)
    {
        Turn(now);
        return _young.Contains(id) || _old.Contains(id);
    }

    /// <summary>Remembers a message: the check and the mark are one step.</summary>
    /// <returns>Whether it is new.</returns>
    public bool TryMark(MessageId id, TimeSpan now)
    {
        Turn(now);
        if (_old.Contains(id) || !_young.Add(id))
            return false;
        if (_young.Count >= _generationIds)
        {
            Hastened++;
            Age(now);
        }

        return true;
    }

    private void Turn(TimeSpan now)
    {
        if (_bornAt == TimeSpan.MinValue)
            _bornAt = now;
        var age = now - _bornAt;
        if (age < _generationTime)
            return;
        Age(now);
        // After a pause of both generations' time the older one is over as well.
        if (age >= _generationTime * 2)
            _old.Clear();
    }

    private void Age(TimeSpan now)
    {
        (_old, _young) = (_young, _old);
        _young.Clear();
        _bornAt = now;
    }
}
