using System.Collections.Concurrent;
using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs;

/// <summary>What one clone knows of remotes, for as long as the test runs.</summary>
internal sealed class RememberedPrefixes : ILockPrefixes
{
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    public ValueTask<string?> FindAsync(string address) => new(_known.GetValueOrDefault(address));

    public ValueTask KeepAsync(string address, string prefix)
    {
        _known[address] = prefix;
        return default;
    }
}
