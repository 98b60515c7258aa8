using Microsoft.AspNetCore.Http;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Ivxp;

/// <summary>Counts open streams: each holds a connection for as long as an order takes, so that there must be an end to them.</summary>
internal sealed class OpenStreams(LimitOptions limits)
{
    // Whoever is refused polls meanwhile; most orders are done by then.
    private static readonly TimeSpan _backIn = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ofClient = [];
    private int _all;

    /// <summary>Takes a place, which disposing gives back; or says why there is none.</summary>
    public (IDisposable? Place, Refusal? Refusal) Enter(HttpContext context)
    {
        var client = ClientLimits.ClientOf(context);
        lock (_lock)
        {
            if (_all >= limits.OpenStreams)
                return (null, new Refusal(IvxpErrors.ServiceUnavailable, "All streams are taken. Ask for the order's status instead.", "streams", _backIn));
            var own = _ofClient.GetValueOrDefault(client);
            if (own >= limits.OpenStreamsPerClient)
                return (null, new Refusal(IvxpErrors.RateLimited, "Your address follows too many orders. Ask for the order's status instead.", "streams", _backIn));
            _ofClient[client] = own + 1;
            _all++;
            return (new Place(this, client), null);
        }
    }

    private void Leave(string client)
    {
        lock (_lock)
        {
            _all--;
            if (--_ofClient[client] == 0)
                _ofClient.Remove(client);
        }
    }

    private sealed class Place(OpenStreams streams, string client) : IDisposable
    {
        public void Dispose() => streams.Leave(client);
    }
}
