using Posthouse.Mesh.Diagnostics;

namespace Posthouse.Mesh.Network;

/// <summary>When alarms about missing providers are due.</summary>
public sealed record OfflineOptions
{
    /// <summary>Time after the start in which no alarm is raised. Default 15 s: connections and first beacons take a few.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time without any provider after which the outage is an extended one. Default 600 s, ten minutes.</summary>
    public TimeSpan Extended { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>Time between two reminders of an extended outage. Default ten minutes: what everybody knows need not be told more often.</summary>
    public TimeSpan Reminder { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>
/// Measures how long no provider has been alive: Starting → Online or NoProviders → ExtendedOffline → Online. It is moved by membership
/// and by time, never by somebody who asks; each transition is told once. The beginning is kept, so that a restart in an outage goes on
/// counting.
/// </summary>
/// <remarks>What decides is the steady clock. Where the wall's moved by more than half a minute differently — the machine slept, or somebody
/// set it — the larger is shown, for that is what people lived through.</remarks>
internal sealed class OfflineClock
{
    /// <summary>How differently the two clocks may move before it is called a jump: more than corrections of a time service.</summary>
    public static readonly TimeSpan JumpLimit = TimeSpan.FromSeconds(30);

    private readonly OfflineOptions _options;
    private readonly INetworkMemory _memory;
    private readonly MeshFacts _facts;
    private readonly Moment _start;
    private readonly bool _resumes;
    private readonly Func<bool> _hasPrices;
    private TimeSpan _told;
    private TimeSpan _skew;

    /// <summary>Starts to count.</summary>
    /// <param name="options">The thresholds.</param>
    /// <param name="memory">What the process before left.</param>
    /// <param name="lastAlive">The last sign of life of any provider, known from before; null: there never was one.</param>
    /// <param name="hasPrices">Whether there is a price that could be served.</param>
    /// <param name="facts">Takes the transitions.</param>
    /// <param name="start">Now.</param>
    public OfflineClock(OfflineOptions options, INetworkMemory memory, DateTimeOffset? lastAlive, Func<bool> hasPrices, MeshFacts facts, Moment start)
    {
        (_options, _memory, _hasPrices, _facts, _start) = (options, memory, hasPrices, facts, start);
        _resumes = memory.OfflineSince is not null;
        Since = Before(start, memory.OfflineSince ?? lastAlive ?? start.Wall);
    }

    /// <summary>The state.</summary>
    public NetworkState State { get; private set; } = NetworkState.Starting;

    /// <summary>Since when no provider is alive, on both clocks; without meaning while one is.</summary>
    public Moment Since { get; private set; }

    /// <summary>Whether no provider is alive.</summary>
    public bool IsOffline => State is NetworkState.NoProviders or NetworkState.ExtendedOffline;

    /// <summary>How long no provider has been alive, to be shown; null while one is, and while that is not known yet.</summary>
    public TimeSpan? Duration(Moment now) => IsOffline ? Shown(Since, now) : null;

    /// <summary>How long between two moments, to be shown.</summary>
    public static TimeSpan Shown(Moment since, Moment now)
    {
        var (steady, wall) = (now.Steady - since.Steady, now.Wall - since.Wall);
        return wall - steady > JumpLimit ? wall : steady;
    }

    /// <summary>A live, signed, new message of a provider was heard.</summary>
    /// <param name="assets">Prices that it refreshed.</param>
    /// <param name="now">When.</param>
    public void OnAlive(int assets, Moment now)
    {
        if (State == NetworkState.Online)
        {
            return;
        }

        var wasOutage = IsOffline || _resumes;
        State = NetworkState.Online;
        if (wasOutage)
        {
            _memory.SaveOffline(null);
            _facts.Tell(new NetworkRecovered(Shown(Since, now), assets));
        }
    }

    /// <summary>The last live provider is gone.</summary>
    public void OnNoneAlive(Moment now)
    {
        if (State == NetworkState.Online)
        {
            Since = now;
            Enter(now);
        }
    }

    /// <summary>Moves the clock on.</summary>
    public void Tick(Moment now)
    {
        WatchClocks(now);
        if (State == NetworkState.Starting && now.Steady - _start.Steady >= _options.Grace)
        {
            Enter(now);
        }

        var lasted = now.Steady - Since.Steady;
        if (State == NetworkState.NoProviders && lasted >= _options.Extended)
        {
            State = NetworkState.ExtendedOffline;
            _told = now.Steady;
            _facts.Tell(new ExtendedOffline(Shown(Since, now)));
        }
        else if (State == NetworkState.ExtendedOffline && now.Steady - _told >= _options.Reminder)
        {
            _told = now.Steady;
            _facts.Tell(new StillOffline(Shown(Since, now)));
        }
    }

    /// <summary>When it was, on both clocks; a time to come, as a wrongly set clock leaves it, is now.</summary>
    private static Moment Before(Moment now, DateTimeOffset then) => then < now.Wall ? now.After(then - now.Wall) : now;

    private void Enter(Moment now)
    {
        State = NetworkState.NoProviders;
        _memory.SaveOffline(Since.Wall);
        _facts.Tell(new AllProvidersOffline(Since.Wall, _hasPrices()));
        _told = now.Steady;
    }

    private void WatchClocks(Moment now)
    {
        var skew = now.Wall - _start.Wall - (now.Steady - _start.Steady);
        if ((skew - _skew).Duration() > JumpLimit)
        {
            _facts.Tell(new ClockJumped(skew - _skew));
            _skew = skew;
        }
    }
}
