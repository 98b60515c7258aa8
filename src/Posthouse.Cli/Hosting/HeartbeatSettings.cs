using Posthouse.Vcs.Heartbeat;

namespace Posthouse.Cli.Hosting;

/// <summary>The keys about heartbeats, as the engine takes them.</summary>
internal static class HeartbeatSettings
{
    /// <summary>A wish that comes to a running heartbeat is served, and one that goes left, within this time.</summary>
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(5);

    public static HeartbeatOptions Of(Configuration configuration) => new()
    {
        Interval = configuration.Duration(ConfigurationKeys.HeartbeatInterval),
        MaxHold = configuration.Duration(ConfigurationKeys.LocksMaxHold),
        Poll = _lookEvery,
    };

    /// <summary>How often a lock of this lease will be renewed, as its record declares it to others.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="lease">The lease.</param>
    public static TimeSpan Interval(Configuration configuration, TimeSpan lease)
    {
        var wanted = configuration.Duration(ConfigurationKeys.HeartbeatInterval);
        var most = TimeSpan.FromSeconds(Math.Max(1, Math.Floor(lease.TotalSeconds / HeartbeatRules.BeatsPerLease)));
        return wanted < most ? wanted : most;
    }
}
