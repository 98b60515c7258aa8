using System.Data.Common;

namespace Posthouse.Storage;

/// <summary>
/// An application's own transaction on the store's database, so that its rows and its jobs become durable together or not at
/// all. It holds the store's gate: nobody else writes meanwhile, so it is short, at most <see cref="LongestHold"/>; then it is
/// rolled back. Commands of <see cref="Connection"/> run inside it. Disposing of it without a commit rolls it back.
/// </summary>
public abstract class StoreTransaction : IAsyncDisposable
{
    /// <summary>5 s: half of what another writer waits before it gives up, so that one slow application makes nobody fail.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    private protected StoreTransaction()
    {
    }

    /// <summary>The connection. It belongs to this object and is closed with it.</summary>
    public abstract DbConnection Connection { get; }

    /// <summary>The transaction, for libraries that want to be given one.</summary>
    public abstract DbTransaction Transaction { get; }

    /// <summary>Makes everything durable, wakes who waits for it, and closes the connection. The calling thread waits for the disk.</summary>
    /// <exception cref="PosthouseException">TRANSACTION_ENDED: it was held too long, or ended before; STORE_FULL, STORE_UNAVAILABLE:
    /// nothing was stored. UNKNOWN: it may be stored or not; repeat with the same ids.</exception>
    public abstract Task CommitAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
