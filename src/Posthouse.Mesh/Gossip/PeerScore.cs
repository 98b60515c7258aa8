namespace Posthouse.Mesh.Gossip;

/// <summary>One peer's score. Counts fade: each is halved after its half-life, computed when it is looked at.</summary>
/// <param name="rules">What counts how much.</param>
internal sealed class PeerScore(ScoreRules rules)
{
    private Fading _deliveries;
    private Fading _invalid;
    private Fading _breaches;
    private Fading _stalls;
    private TimeSpan? _inMeshSince;
    private int _bans;

    /// <summary>When it left; null while it is connected.</summary>
    public TimeSpan? LeftAt { get; set; }

    /// <summary>The group of its address; 0: none.</summary>
    public ulong Group { get; set; }

    /// <summary>Until when it is banned.</summary>
    public TimeSpan BannedUntil { get; private set; } = TimeSpan.MinValue;

    /// <summary>It got, or lost, its place in the mesh.</summary>
    public void SetInMesh(bool isIn, TimeSpan now) => _inMeshSince = !isIn ? null : _inMeshSince ?? now;

    /// <summary>It was the first to bring a message.</summary>
    public void Delivered(TimeSpan now) => _deliveries.Add(1, rules.MostForDeliveries / rules.FirstDelivery, rules.DeliveryHalfLife, now);

    /// <summary>It brought a message that was rejected.</summary>
    public void SentInvalid(TimeSpan now) => _invalid.Add(1, double.MaxValue, rules.InvalidHalfLife, now);

    /// <summary>It did what it may not.</summary>
    public void Breached(TimeSpan now) => _breaches.Add(1, double.MaxValue, rules.BreachHalfLife, now);

    /// <summary>Frames to it had to be dropped.</summary>
    public void Stalled(int frames, TimeSpan now) => _stalls.Add(frames, rules.MostForStalls / rules.Stall, rules.StallHalfLife, now);

    /// <summary>The score.</summary>
    /// <param name="inGroup">Connected peers of its address group, itself included.</param>
    /// <param name="now">The time.</param>
    public double Value(int inGroup, TimeSpan now)
    {
        var meshTime = _inMeshSince is { } since ? Math.Min((now - since).TotalMinutes * rules.MeshMinute, rules.MostForMeshTime) : 0;
        return (rules.FirstDelivery * _deliveries.At(rules.DeliveryHalfLife, now))
            + meshTime
            + (rules.Invalid * Square(_invalid.At(rules.InvalidHalfLife, now)))
            + (rules.Breach * Square(_breaches.At(rules.BreachHalfLife, now)))
            + (rules.Stall * _stalls.At(rules.StallHalfLife, now))
            + (rules.Colocation * Square(Math.Max(0, inGroup - rules.FreeInGroup)));
    }

    /// <summary>Bans it for twice as long as the last time. Its counts begin anew: when the ban is over it is heard again.</summary>
    public void Ban(TimeSpan now)
    {
        if (BannedUntil != TimeSpan.MinValue && now - BannedUntil > rules.LongestBan)
            _bans = 0;
        var length = Math.Min(rules.FirstBan.Ticks * Math.Pow(2, _bans), rules.LongestBan.Ticks);
        BannedUntil = now + TimeSpan.FromTicks((long)length);
        _bans++;
        _deliveries = _invalid = _breaches = _stalls = default;
        _inMeshSince = null;
    }

    /// <summary>Whether nothing is lost by forgetting it.</summary>
    public bool IsForgettable(TimeSpan now) => LeftAt is { } left && now - left > rules.Kept
        && (BannedUntil == TimeSpan.MinValue || now - BannedUntil > rules.LongestBan);

    private static double Square(double value) => value * value;

    /// <summary>A count that halves with time.</summary>
    private struct Fading
    {
        private double _value;
        private TimeSpan _at;

        public readonly double At(TimeSpan halfLife, TimeSpan now) =>
            _value == 0 || now <= _at ? _value : _value * Math.Pow(2, -((now - _at) / halfLife));

        public void Add(double amount, double most, TimeSpan halfLife, TimeSpan now)
        {
            _value = Math.Min(At(halfLife, now) + amount, most);
            _at = now;
        }
    }
}
