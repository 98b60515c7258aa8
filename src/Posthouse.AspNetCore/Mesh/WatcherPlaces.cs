using System.Net;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>Counts open WebSockets of watchers, so that one address cannot take all of them.</summary>
internal sealed class WatcherPlaces
{
    /// <summary>All together: at about 30 KiB each, 128 MB.</summary>
    public const int Most = 4_096;

    /// <summary>Of one address: an office behind one router, or a load test.</summary>
    public const int MostOfOne = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _of = [];
    private int _all;

    /// <summary>Takes a place, which disposing gives back; null: there is none.</summary>
    public IDisposable? Enter(IPAddress? from)
    {
        var address = from ?? IPAddress.None;
        lock (_lock)
        {
            var own = _of.GetValueOrDefault(address);
            if (_all >= Most || own >= MostOfOne)
                return null;
            (_of[address], _all) = (own + 1, _all + 1);
            return new Place(this, address);
        }
    }

    private void Leave(IPAddress address)
    {
        lock (_lock)
        {
            _all--;
            if (--_of[address] == 0)
                _of.Remove(address);
        }
    }

    private sealed class Place(WatcherPlaces places, IPAddress address) : IDisposable
    {
        public void Dispose() => places.Leave(address);
    }
}
