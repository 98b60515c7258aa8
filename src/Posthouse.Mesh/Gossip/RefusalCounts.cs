using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>How often each reason was given: nothing is dropped without being counted here.</summary>
internal sealed class RefusalCounts
{
    // One place per number that a reason can have; the highest in use is 92.
    private readonly long[] _counts = new long[128];

    /// <summary>How often a reason was given. <see cref="Refusal.None"/>: how often something was taken.</summary>
    public long this[Refusal reason] => _counts[(byte)reason];

    /// <summary>Everything refused.</summary>
    public long Total
    {
        get
        {
            long total = 0;
            for (var at = 1; at < _counts.Length; at++)
                total += _counts[at];
            return total;
        }
    }

    /// <summary>Counts a verdict, and gives it back.</summary>
    public Verdict Note(Verdict verdict)
    {
        _counts[(byte)verdict.Reason]++;
        return verdict;
    }

    /// <summary>Counts a reason, and gives the verdict that belongs to it.</summary>
    public Verdict Note(Refusal reason) => Note(Verdict.Of(reason));
}
