namespace Posthouse.Mesh.Network;

/// <summary>The least number of links to a provider over the last minute: one message by a detour does not move it away.</summary>
internal sealed class HopWindow
{
    private const int Parts = 6;
    private const byte Unknown = byte.MaxValue;
    private static readonly TimeSpan _part = TimeSpan.FromSeconds(10);

    private readonly byte[] _least = [Unknown, Unknown, Unknown, Unknown, Unknown, Unknown];
    private long _newest;

    /// <summary>Notes the links that a message crossed.</summary>
    public void Add(byte hops, TimeSpan now)
    {
        var part = Advance(now);
        _least[part % Parts] = Math.Min(_least[part % Parts], hops);
    }

    /// <summary>The least of the last minute; null: nothing was noted in it.</summary>
    public int? Least(TimeSpan now)
    {
        Advance(now);
        var least = Unknown;
        foreach (var hops in _least)
        {
            least = Math.Min(least, hops);
        }

        return least == Unknown ? null : least;
    }

    private long Advance(TimeSpan now)
    {
        var part = now.Ticks / _part.Ticks;
        for (var passed = Math.Max(_newest + 1, part - Parts + 1); passed <= part; passed++)
        {
            _least[passed % Parts] = Unknown;
        }

        return _newest = Math.Max(_newest, part);
    }
}
