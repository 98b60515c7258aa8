using System.Collections.Concurrent;
using Posthouse.Connectivity;

namespace Posthouse.Dispatch;

/// <summary>
/// How many jobs run towards each destination, so that a destination on probation gets one at a time. Asked on the store's
/// thread while the dispatcher and its runs change it.
/// </summary>
internal sealed class DestinationLoad
{
    private readonly ConcurrentDictionary<string, int> _running = new(StringComparer.Ordinal);

    public void Add(string destination)
    {
        if (Destinations.IsGated(destination))
        {
            _running.AddOrUpdate(destination, 1, (_, count) => count + 1);
        }
    }

    /// <summary>Before the outcome is posted: its commit looks for the destination's next job, and nobody looks after that.</summary>
    public void Remove(string destination)
    {
        if (Destinations.IsGated(destination) && _running.AddOrUpdate(destination, 0, (_, count) => count - 1) <= 0)
        {
            _running.TryRemove(new KeyValuePair<string, int>(destination, 0));
        }
    }

    /// <summary>How many more jobs the destination may be given.</summary>
    public int Room(string destination, IConnectivity connectivity) => Destinations.IsGated(destination)
        ? connectivity.RoomFor(destination) is var room && room == int.MaxValue ? room : room - _running.GetValueOrDefault(destination)
        : int.MaxValue;
}
