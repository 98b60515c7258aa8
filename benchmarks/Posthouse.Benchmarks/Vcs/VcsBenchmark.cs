namespace Posthouse.Benchmarks.Vcs;

/// <summary>
/// Locks, queue and transfers over a loopback server of Git, each row beside the ceiling that the source's tables of performance
/// name for it ("source", as a ratio: below 1 is faster than asked).
/// </summary>
public static class VcsBenchmark
{
    public static async Task RunAsync(Report report)
    {
        await QueueRows.RunAsync(report);
        await LockRows.RunAsync(report);
        await TransferRows.RunAsync(report);
        await StartRows.RunAsync(report);
    }

    /// <summary>A row that is held against a ceiling of the source.</summary>
    internal static void AddAgainst(this Report report, string what, double milliseconds, double ceiling) =>
        report.Add(what, milliseconds, "ms", FormattableString.Invariant($"source ({ceiling:N0} ms)"), milliseconds / ceiling);
}
