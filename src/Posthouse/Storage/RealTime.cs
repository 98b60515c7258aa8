namespace Posthouse.Storage;

/// <summary>
/// Elapsed time of this machine, for the few waits that other processes take part in. A simulation has no other
/// process, so these waits never come up there and need no given clock.
/// </summary>
internal static class RealTime
{
#pragma warning disable RS0030 // The one place below the store where the machine's own time is right.
    private static readonly TimeProvider Clock = TimeProvider.System;
#pragma warning restore RS0030

    /// <summary>A mark to measure from.</summary>
    public static long Mark() => Clock.GetTimestamp();

    /// <summary>What has passed since <paramref name="mark"/>.</summary>
    public static TimeSpan Since(long mark) => Clock.GetElapsedTime(mark);
}
