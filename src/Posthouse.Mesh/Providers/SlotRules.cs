namespace Posthouse.Mesh.Providers;

/// <summary>
/// The arithmetic of slots. Time is cut into intervals that every clock numbers alike; in each, the first ranks fetch at once, and every
/// further rank waits one grace longer and fetches only if nobody has delivered.
/// </summary>
internal static class SlotRules
{
    /// <summary>The slot of a time: whole intervals since 1970.</summary>
    public static ulong SlotOf(DateTimeOffset wall, TimeSpan interval) => (ulong)((wall - DateTimeOffset.UnixEpoch).Ticks / interval.Ticks);

    /// <summary>When a slot begins.</summary>
    public static DateTimeOffset StartOf(ulong slot, TimeSpan interval) => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks((long)slot * interval.Ticks);

    /// <summary>Backups whose turns fit into a slot, however long messages seem to travel: one straggler must not leave a slot to nobody.</summary>
    private const int Backups = 3;

    /// <summary>
    /// How long a backup waits for the one before it: three times what nearly all messages need to arrive, and not less than is configured; but
    /// no longer than leaves the backups their turns, where that is enough for a fetch.
    /// </summary>
    public static TimeSpan GraceOf(SlotOptions options, TimeSpan propagation)
    {
        var most = options.Interval / (Backups + 1);
        most = most > SlotOptions.LeastGrace ? most : SlotOptions.LeastGrace;
        var grace = propagation * 3 > options.MinGrace ? propagation * 3 : options.MinGrace;
        return grace < most ? grace : most;
    }

    /// <summary>How many providers fetch in a slot.</summary>
    /// <param name="options">The options.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="able">Providers that can.</param>
    /// <param name="inDoubt">Whether a reading is in doubt.</param>
    public static int RedundancyOf(SlotOptions options, ulong slot, int able, bool inDoubt)
    {
        var isCheck = inDoubt || (options.CrossCheckEvery > 0 && slot % (ulong)options.CrossCheckEvery == 0);
        return Math.Min(able, isCheck ? Math.Max(options.Redundancy, options.CrossCheckRedundancy) : options.Redundancy);
    }

    /// <summary>How long after a slot's start a rank's turn comes.</summary>
    public static TimeSpan TurnOf(SlotOptions options, ulong slot, int rank, int redundancy, TimeSpan grace) =>
        OffsetOf(options, slot, rank) + (grace * Math.Max(0, rank - redundancy + 1));

    /// <summary>The part of the spread that one rank of one slot waits.</summary>
    private static TimeSpan OffsetOf(SlotOptions options, ulong slot, int rank) =>
        options.Spread * ((Rendezvous.Mix(Rendezvous.Mix(slot) ^ (ulong)rank) >> 11) * (1.0 / (1UL << 53)));
}
