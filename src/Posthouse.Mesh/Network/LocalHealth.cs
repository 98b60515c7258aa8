namespace Posthouse.Mesh.Network;

/// <summary>
/// Whether this node itself is well. A node whose timers come late hears others late too; it waits longer before it holds anybody for
/// dead (memberlist's Lifeguard).
/// </summary>
internal sealed class LocalHealth
{
    /// <summary>The most by which waits are stretched; Lifeguard's number.</summary>
    public const int MaxFactor = 8;

    /// <summary>Punctual ticks after which the stretch is halved.</summary>
    public const int Calm = 10;

    /// <summary>The time between two ticks.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <summary>The lateness from which a tick counts as late: collections of garbage stay below.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    /// <summary>The lateness after which maps should be compared at once: whole rounds of gossip were missed.</summary>
    public static readonly TimeSpan Lost = TimeSpan.FromSeconds(5);

    private TimeSpan? _last;
    private TimeSpan _quietUntil;
    private int _punctual;

    /// <summary>By what waits are multiplied, 1 to <see cref="MaxFactor"/>.</summary>
    public int Factor { get; private set; } = 1;

    /// <summary>Notes a tick.</summary>
    /// <returns>By how much it was late, null if it was not.</returns>
    public TimeSpan? OnTick(TimeSpan now)
    {
        var late = _last is { } last ? now - last - Heartbeat : TimeSpan.Zero;
        _last = now;
        if (late > Late)
        {
            Factor = Math.Min(MaxFactor, Factor * 2);
            _punctual = 0;
            _quietUntil = now + (2 * Heartbeat);
            return late;
        }

        if (Factor > 1 && ++_punctual >= Calm)
        {
            (Factor, _punctual) = (Factor / 2, 0);
        }

        return null;
    }

    /// <summary>Whether nobody may be accused now: what waits in this node's own buffers must be read first.</summary>
    public bool IsQuiet(TimeSpan now) => now < _quietUntil;
}
