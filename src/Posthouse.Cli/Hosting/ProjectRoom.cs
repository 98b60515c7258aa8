using Posthouse.Connectivity;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// Gives room to the destinations that a verb names, and to nothing else in the pocket: a person's purchases and other projects'
/// operations are left alone. One operation of a project runs at a time, for all of them work on one clone.
/// </summary>
internal sealed class ProjectRoom : IConnectivity
{
    private volatile HashSet<string> _open = [];

    public event Action<string?>? Changed;

    public ConnectivityState StateOf(string destination) => ConnectivityState.Unknown;

    public int RoomFor(string destination) => _open.Contains(destination) ? 1 : 0;

    public void Report(string destination, bool reached)
    {
    }

    public TimeSpan? UntilNextProbe() => null;

    public void ProbeNow() => Changed?.Invoke(null);

    /// <summary>Opens these and closes all others.</summary>
    public void Open(IEnumerable<string> destinations)
    {
        _open = new HashSet<string>(destinations, StringComparer.Ordinal);
        Changed?.Invoke(null);
    }

    /// <summary>Closes one.</summary>
    public void Close(string destination) => _open = new HashSet<string>(_open.Where(open => open != destination), StringComparer.Ordinal);
}
