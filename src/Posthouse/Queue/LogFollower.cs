using Posthouse.Storage;

namespace Posthouse.Queue;

/// <summary>Follows the log of jobs in pages, from a position on. One reader at a time.</summary>
internal sealed class LogFollower(IJobStore store, long after, string? owner = null)
{
    /// <summary>Events read at a time: enough to drain a flood, few enough to stay small in memory.</summary>
    private const int Page = 500;

    private readonly EventFilter _filter = new(Owner: owner, Room: JobEventBodies.Room);
    private long _after = after;

    /// <summary>The next events. An empty page comes only after something was appended, and says that it is worth another look.</summary>
    /// <exception cref="PosthouseException">The store could not answer; another call goes on where this one stood.</exception>
    public async Task<IReadOnlyList<StoredEvent>> NextAsync(CancellationToken cancellationToken)
    {
        // Asked before the page: what stands up to here and is not in the page is not meant, and must not wake the wait below.
        var last = await store.LastPositionAsync();
        var page = await store.ReadEventsAsync(_after, _filter, Page);
        if (page.Count > 0)
        {
            _after = page[^1].Position;
            return page;
        }

        _after = Math.Max(_after, last);
        await store.ChangedAsync(_after, cancellationToken);
        return page;
    }
}
