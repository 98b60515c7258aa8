namespace Posthouse.Vcs.Locks;

/// <summary>
/// Remembers what an operation is about to write, before it leaves: after a crash or a lost answer the same operation finds it
/// and sends the same bytes again, so that nothing is done twice.
/// </summary>
public interface ILockJournal
{
    /// <summary>What an operation has built, or null.</summary>
    ValueTask<BuiltRecord?> FindAsync(string opId);

    /// <summary>Completes when it is on disk.</summary>
    ValueTask KeepAsync(string opId, BuiltRecord built);
}

/// <summary>A value that an operation built.</summary>
/// <param name="Key">The resource.</param>
/// <param name="Expected">The version it was to replace.</param>
/// <param name="Built">Its own version.</param>
public sealed record BuiltRecord(ResourceKey Key, VersionToken Expected, VersionToken Built);
