using System.Runtime.CompilerServices;
using Posthouse.Storage;

namespace Posthouse.Queue;

/// <summary>
/// The events of jobs. <see cref="ReadAsync"/> replays what an owner has not seen, also from before a restart, and then
/// follows; <see cref="Live"/> is for what is shown at this moment.
/// </summary>
public sealed class JobEvents
{
    private readonly IJobStore _store;
    private readonly JobEventReader _reader;
    private readonly ProgressFeed _feed;

    internal JobEvents(IJobStore store, JobEventReader reader, ProgressFeed feed) => (_store, _reader, _feed) = (store, reader, feed);

    /// <summary>Progress and outcomes as they happen in this process. Best effort: it begins a moment after the
    /// subscription, and what happened before is not repeated; <see cref="ReadAsync"/> misses nothing.</summary>
    public event Action<JobEvent> Live
    {
        add => _feed.Happened += value;
        remove => _feed.Happened -= value;
    }

    /// <summary>Replays everything after a position and then follows, without end.</summary>
    /// <param name="owner">Only events of this owner; null: of all.</param>
    /// <param name="after">The last position that was seen; 0 for the oldest that is kept.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<JobEvent> ReadAsync(string? owner = null, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var log = new LogFollower(_store, after, owner);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var stored in await log.NextAsync(cancellationToken))
            {
                if (_reader.Read(stored) is { } happened)
                {
                    yield return happened;
                }
            }
        }
    }

    /// <summary>Says that an owner has seen everything up to a position: what is older need not be kept for it.</summary>
    public Task AcknowledgeAsync(string owner, long position) => _store.AcknowledgeAsync(owner, position);
}
