namespace Posthouse.Connectivity;

/// <summary>
/// Names of destinations as rows store them. Connectivity gates jobs with a Backoff plan only: a scheduled try is made at its
/// time and recorded, online or not, so its row carries a mark.
/// </summary>
internal static class Destinations
{
    private const char OnSchedule = '~';

    /// <summary>The stored name of a destination whose jobs follow a schedule.</summary>
    public static string Scheduled(string destination) => destination.Length == 0 ? destination : OnSchedule + destination;

    /// <summary>Whether connectivity decides about jobs of this stored name.</summary>
    public static bool IsGated(string stored) => stored.Length > 0 && stored[0] != OnSchedule;

    /// <summary>The name without the mark, for reports and people.</summary>
    public static string Plain(string stored) => stored.TrimStart(OnSchedule);
}
