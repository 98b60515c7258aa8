using Posthouse.Connectivity;
using Posthouse.Jobs;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// The default connectivity, except that operations of projects get no room: who runs purchases has no handlers for them, and a
/// claim would put them on hold.
/// </summary>
internal sealed class PurchaseRoom(TimeProvider time, IIds ids) : IConnectivity
{
    /// <summary>How destinations of clones begin; see the room of locks and sync.</summary>
    private const string Clones = "vcs:";

    private readonly DestinationHealth _health = new(time, ids);

    public event Action<string?>? Changed
    {
        add => _health.Changed += value;
        remove => _health.Changed -= value;
    }

    public ConnectivityState StateOf(string destination) => _health.StateOf(destination);

    public int RoomFor(string destination) => destination.StartsWith(Clones, StringComparison.Ordinal) ? 0 : _health.RoomFor(destination);

    public void Report(string destination, bool reached) => _health.Report(destination, reached);

    public TimeSpan? UntilNextProbe() => _health.UntilNextProbe();

    public void ProbeNow() => _health.ProbeNow();
}
