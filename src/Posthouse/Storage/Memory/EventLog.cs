using System.Collections.Immutable;

namespace Posthouse.Storage.Memory;

/// <summary>
/// The one log and those who read it. Both are immutable values in a variable, so that undoing a transaction is putting the
/// old values back.
/// </summary>
internal sealed class EventLog
{
    /// <summary>Events and silent owners are kept no longer: an owner that never comes back must not keep the log for ever.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(30);

    private (ImmutableList<StoredEvent> Events, ImmutableDictionary<string, Owner> Owners, long Last) _present = ([], Owners(), 0);
    private (ImmutableList<StoredEvent> Events, ImmutableDictionary<string, Owner> Owners, long Last) _kept = ([], Owners(), 0);

    /// <summary>The position of the newest event there ever was.</summary>
    public long Last => _present.Last;

    public void Keep() => _kept = _present;

    public void Undo() => _present = _kept;

    public void Append(long now, EventDraft draft)
    {
        var position = _present.Last + 1;
        var entry = new StoredEvent(position, JobRow.Instant(now), draft.Room, draft.Subject, draft.Kind, draft.Owner, draft.Body);
        _present = (_present.Events.Add(entry), _present.Owners, position);
    }

    /// <summary>Says that something happened to a job.</summary>
    public void Tell(long now, JobRow row, string kind, byte[] body) =>
        Append(now, new EventDraft(JobEventBodies.Room, row.Id.Value, kind, row.Draft.Owner, body));

    public List<StoredEvent> Read(long after, EventFilter filter, int limit) =>
    [
        .. _present.Events.Skip(IndexAfter(after)).Where(e =>
            (filter.Owner is null || e.Owner == filter.Owner)
            && (filter.Room is null || e.Room == filter.Room)
            && (filter.Subject is null || e.Subject == filter.Subject)).Take(limit),
    ];

    /// <summary>Enters an owner that has seen nothing yet.</summary>
    public void Register(long now, string owner)
    {
        if (!_present.Owners.ContainsKey(owner))
        {
            _present.Owners = _present.Owners.Add(owner, new Owner(0, now));
        }
    }

    public void Acknowledge(long now, string owner, long position)
    {
        var seen = Math.Max(position, _present.Owners.TryGetValue(owner, out var standing) ? standing.Position : 0);
        _present.Owners = _present.Owners.SetItem(owner, new Owner(seen, now));
    }

    /// <summary>Owners and the subjects they have unread events about. Nobody waits for an owner that is not registered.</summary>
    public HashSet<(string Owner, string Subject)> Unread() =>
        [.. _present.Events.Where(IsUnread).Select(e => (e.Owner!, e.Subject))];

    /// <summary>Drops events that everybody has seen or that are too old, then owners that have been silent for too long.</summary>
    public void Sweep(long now, TimeSpan keep)
    {
        var (read, tooOld) = (JobRow.Instant(now) - keep, JobRow.Instant(now) - MaxAge);
        _present.Events = _present.Events.RemoveAll(e => e.At <= tooOld || (e.At <= read && !IsUnread(e)));
        var behind = _present.Events.Where(IsUnread).Select(e => e.Owner!).ToHashSet();
        _present.Owners = _present.Owners.RemoveRange(
            _present.Owners.Where(o => JobRow.Instant(o.Value.SeenAt) <= tooOld && behind.Contains(o.Key)).Select(o => o.Key));
    }

    private bool IsUnread(StoredEvent entry) =>
        entry.Owner is { } name && _present.Owners.TryGetValue(name, out var owner) && owner.Position < entry.Position;

    /// <summary>Positions rise but have gaps after a sweep, so the place in the list is searched by halving.</summary>
    private int IndexAfter(long position)
    {
        var (low, high) = (0, _present.Events.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _present.Events[middle].Position <= position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static ImmutableDictionary<string, Owner> Owners() => ImmutableDictionary.Create<string, Owner>(StringComparer.Ordinal);

    /// <summary>Who is told, across restarts.</summary>
    /// <param name="Position">Up to where it has seen everything.</param>
    /// <param name="SeenAt">When it last said so, or was registered.</param>
    private readonly record struct Owner(long Position, long SeenAt);
}
