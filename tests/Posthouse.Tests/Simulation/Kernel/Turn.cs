namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>One event of the heap: what to run, and for which incarnation of which node.</summary>
internal readonly record struct Turn(SimNode? Node, int Incarnation, Action Action);

/// <summary>Where an event stands in the heap. Events of one instant are ordered by chance, and the sequence keeps that total.</summary>
internal readonly record struct Place(long Due, int Tie, long Sequence) : IComparable<Place>
{
    public int CompareTo(Place other)
    {
        var byDue = Due.CompareTo(other.Due);
        if (byDue != 0)
            return byDue;
        var byTie = Tie.CompareTo(other.Tie);
        return byTie != 0 ? byTie : Sequence.CompareTo(other.Sequence);
    }
}
