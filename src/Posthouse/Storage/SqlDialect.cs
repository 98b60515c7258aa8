namespace Posthouse.Storage;

/// <summary>The few texts in which two databases differ where rooms and core speak one SQL.</summary>
/// <param name="LastPosition">The position of the newest event there ever was; it outlives the event, which a sweep takes away.</param>
/// <param name="Totals">Reads open jobs, their bytes and those of their files.</param>
internal sealed record SqlDialect(string LastPosition, string Totals)
{
    /// <summary>SQLite's.</summary>
    public static readonly SqlDialect Sqlite = new(
        "SELECT seq FROM sqlite_sequence WHERE name = 'event'",
        "SELECT open, bytes, file_bytes FROM job_total WHERE one = 1");
}
