namespace Posthouse.Vcs.Locks;

/// <summary>Remembers under which prefix each remote lets locks be kept.</summary>
internal interface ILockPrefixes
{
    /// <summary>The prefix, or null while nobody wrote or saw a lock there.</summary>
    /// <param name="address">The remote's address, as it may be shown.</param>
    ValueTask<string?> FindAsync(string address);

    /// <summary>Keeps it.</summary>
    ValueTask KeepAsync(string address, string prefix);
}
