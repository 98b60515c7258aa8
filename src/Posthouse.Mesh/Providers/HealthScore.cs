namespace Posthouse.Mesh.Providers;

/// <summary>What a health score is made of; old events count less, so these are no whole numbers.</summary>
/// <param name="Served">Own slots served in time.</param>
/// <param name="Due">Own slots.</param>
/// <param name="Agreed">Readings that agreed with the others'.</param>
/// <param name="Judged">Readings that could be compared.</param>
internal readonly record struct HealthCounts(double Served, double Due, double Agreed, double Judged);

/// <summary>
/// How well a provider serves, 0 to 100: the share of its slots that it served in time, times the share of its readings that agreed
/// with the others'. What happened an hour ago counts half; a provider of whom nothing is known is trusted like a good one.
/// </summary>
internal sealed class HealthScore(HealthCounts counts = default, DateTimeOffset at = default)
{
    /// <summary>The time after which an event counts half.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromHours(1);

    private DateTimeOffset _at = at;

    /// <summary>What it is made of, as of the last event.</summary>
    public HealthCounts Counts { get; private set; } = counts;

    /// <summary>An own slot of it is over.</summary>
    public void OnSlot(bool served, DateTimeOffset now)
    {
        var old = Decay(now);
        Counts = old with { Served = old.Served + (served ? 1 : 0), Due = old.Due + 1 };
    }

    /// <summary>Readings of it were compared with the others'.</summary>
    public void OnReadings(int agreed, int outliers, DateTimeOffset now)
    {
        var old = Decay(now);
        Counts = old with { Agreed = old.Agreed + agreed, Judged = old.Judged + agreed + outliers };
    }

    /// <summary>The score, 0 to 100. One good event is presumed, which weighs the more the less is known.</summary>
    public double Score(DateTimeOffset now)
    {
        var kept = Kept(now);
        var (served, due, agreed, judged) = Counts;
        return 100 * Share(served * kept, due * kept) * Share(agreed * kept, judged * kept);
    }

    private static double Share(double good, double all) => (good + 1) / (all + 1);

    private HealthCounts Decay(DateTimeOffset now)
    {
        var kept = Kept(now);
        _at = now > _at ? now : _at;
        return new(Counts.Served * kept, Counts.Due * kept, Counts.Agreed * kept, Counts.Judged * kept);
    }

    /// <summary>A clock that was set back makes nothing younger.</summary>
    private double Kept(DateTimeOffset now) => now > _at ? Math.Pow(0.5, (now - _at) / HalfLife) : 1;
}
