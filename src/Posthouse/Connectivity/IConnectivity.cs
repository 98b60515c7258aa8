namespace Posthouse.Connectivity;

/// <summary>What is believed about a destination.</summary>
public enum ConnectivityState
{
    /// <summary>Nothing was heard yet, or it was forgotten: worth a try.</summary>
    Unknown,

    /// <summary>The last report came from there.</summary>
    Online,

    /// <summary>Several tries in a row did not reach it: only single probes are worth it.</summary>
    Offline,
}

/// <summary>
/// Whether a try makes sense, destination by destination. It learns from tries alone: what the operating system says about a
/// network is a hint that makes probes due and never marks anything Offline. Implementations are thread-safe.
/// </summary>
public interface IConnectivity
{
    /// <summary>
    /// Something may be worth a try again: the destination's name, or null when it may be any. A destination that came back is
    /// Online when this fires, and jobs that did not reach it may then be opened at once. Raised on the thread of the report
    /// or of the hint, outside any lock; handlers must be short.
    /// </summary>
    event Action<string?>? Changed;

    /// <summary>What is believed about the destination.</summary>
    ConnectivityState StateOf(string destination);

    /// <summary>
    /// How many jobs of the destination may run at the same time: 0 while it is Offline, 1 while a probe is due, otherwise
    /// <see cref="int.MaxValue"/>. Asking changes nothing; who claims subtracts what it already runs there, so that a due probe is one job.
    /// </summary>
    int RoomFor(string destination);

    /// <summary>Says how a try ended. Any answer counts as reached, a refusal too.</summary>
    void Report(string destination, bool reached);

    /// <summary>The time until the next probe that is not yet due, so that its owner can set a timer; null when there is none.</summary>
    TimeSpan? UntilNextProbe();

    /// <summary>Makes a probe of every Offline destination due now, at a hint that the network may be back.</summary>
    void ProbeNow();
}
