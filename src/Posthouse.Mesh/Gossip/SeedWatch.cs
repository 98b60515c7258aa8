using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;

namespace Posthouse.Mesh.Gossip;

/// <summary>Which of the configured addresses lead to no node, and why. They are dialled for ever; only a change is told.</summary>
internal sealed class SeedWatch(MeshFacts facts)
{
    /// <summary>The least time until another cause is told of one address: a name with several addresses may fail in turns.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (string Cause, TimeSpan At)> _told = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<UnreachableSeed> _unreachable = [];

    /// <summary>Those that could not be reached when they were last dialled. For any thread.</summary>
    public IReadOnlyList<UnreachableSeed> Unreachable => _unreachable;

    /// <summary>One could not be reached, or who is there does not speak with this node.</summary>
    public void Failed(string seed, string cause, TimeSpan now)
    {
        var failed = new UnreachableSeed(seed, cause);
        if (!_unreachable.Contains(failed))
            _unreachable = [.. _unreachable.Where(known => known.Address != seed), failed];
        if (_told.TryGetValue(seed, out var told) && (told.Cause == cause || now - told.At < _again))
            return;
        _told[seed] = (cause, now);
        facts.Tell(new SeedUnreachable(seed, cause));
    }

    /// <summary>A node was reached at an address, which may be no seed's.</summary>
    public void Reached(string address)
    {
        if (!_told.Remove(address))
            return;
        _unreachable = [.. _unreachable.Where(known => known.Address != address)];
        facts.Tell(new SeedReached(address));
    }
}
