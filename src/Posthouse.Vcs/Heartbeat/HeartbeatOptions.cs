namespace Posthouse.Vcs.Heartbeat;

/// <summary>How locks are kept alive while somebody works.</summary>
internal sealed record HeartbeatOptions
{
    /// <summary>How often a lock is renewed, unless a third of its lease is less. Default 10 min: a takeover then waits a quarter of an hour.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest that a lock is kept. Default 12 h: a forgotten laptop must not hold one for ever.</summary>
    public TimeSpan MaxHold { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How soon a renewal that failed is tried again, unless its interval is shorter. Default 1 min.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often it looks whether a lock came or went. Default 15 s: about what a person waits for an answer.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(15);
}
