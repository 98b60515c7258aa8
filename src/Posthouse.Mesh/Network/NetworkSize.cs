using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Network;

/// <summary>
/// How many nodes there are. A sketch lives for one period; the one before is counted with it, so that a new period does not begin with
/// an empty mesh, and a node that left is forgotten after two.
/// </summary>
/// <remarks>Sketches are not signed: a lying peer can raise the number, which nothing but a screen depends on.</remarks>
internal sealed class NetworkSize(NodeId self)
{
    /// <summary>How long one sketch lives.</summary>
    public static readonly TimeSpan PeriodLength = TimeSpan.FromMinutes(10);

    private readonly SizeEstimate _current = new();
    private readonly SizeEstimate _both = new();

    /// <summary>The period of the sketch, counted from 1970.</summary>
    public uint Period { get; private set; }

    /// <summary>The estimate, this node included; never below 1.</summary>
    public int Estimate { get; private set; } = 1;

    /// <summary>The sketch of this period, to send.</summary>
    public SizeSketch Sketch() => new(Period, _current.ToArray());

    /// <summary>Moves to the period of the time, and counts this node in it.</summary>
    public void Tick(DateTimeOffset wall)
    {
        var period = (uint)((wall - DateTimeOffset.UnixEpoch).Ticks / PeriodLength.Ticks);
        if (period == Period)
        {
            return;
        }

        var before = _current.ToArray();
        _current.Clear();
        _both.Clear();
        if (period == Period + 1)
        {
            _both.Merge(before);
        }

        Period = period;
        _current.Add(self);
        _both.Add(self);
        Estimate = Math.Max(1, _both.Count());
    }

    /// <summary>Counts a node that was met.</summary>
    public void Add(NodeId node)
    {
        _current.Add(node);
        _both.Add(node);
        Estimate = Math.Max(1, _both.Count());
    }

    /// <summary>Joins a peer's sketch.</summary>
    /// <returns>Whether it counted: one of another period does not.</returns>
    public bool Merge(SizeSketch sketch)
    {
        if (sketch.Period != Period)
        {
            return false;
        }

        _current.Merge(sketch.Registers.Span);
        if (_both.Merge(sketch.Registers.Span))
        {
            Estimate = Math.Max(1, _both.Count());
        }

        return true;
    }
}
