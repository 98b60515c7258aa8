using System.Net.NetworkInformation;

namespace Posthouse.Connectivity;

/// <summary>
/// Listens to the operating system: when it says that a network is there or that an address changed, probes are due at once.
/// When it says that there is none, nothing happens: it is often wrong about that, and a try that fails costs little.
/// </summary>
public sealed class NetworkChangeHints : IDisposable
{
    private readonly IConnectivity _connectivity;

    /// <summary>Listens until disposed.</summary>
    /// <param name="connectivity">Gets the hints, on a thread of the system.</param>
    public NetworkChangeHints(IConnectivity connectivity)
    {
        _connectivity = connectivity;
        NetworkChange.NetworkAvailabilityChanged += OnAvailability;
        NetworkChange.NetworkAddressChanged += OnAddress;
    }

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        NetworkChange.NetworkAvailabilityChanged -= OnAvailability;
        NetworkChange.NetworkAddressChanged -= OnAddress;
    }

    internal void Heard(bool available)
    {
        if (available)
        {
            _connectivity.ProbeNow();
        }
    }

    private void OnAvailability(object? sender, NetworkAvailabilityEventArgs e) => Heard(e.IsAvailable);

    private void OnAddress(object? sender, EventArgs e) => Heard(available: true);
}
