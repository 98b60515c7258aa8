namespace Posthouse.Connectivity;

/// <summary>For applications that want no opinion about destinations: every job is tried when its plan says so.</summary>
public sealed class AlwaysTry : IConnectivity
{
    /// <inheritdoc/>
    public event Action<string?>? Changed;

    /// <inheritdoc/>
    public ConnectivityState StateOf(string destination) => ConnectivityState.Unknown;

    /// <inheritdoc/>
    public int RoomFor(string destination) => int.MaxValue;

    /// <inheritdoc/>
    public void Report(string destination, bool reached)
    {
    }

    /// <inheritdoc/>
    public TimeSpan? UntilNextProbe() => null;

    /// <inheritdoc/>
    public void ProbeNow() => Changed?.Invoke(null);
}
