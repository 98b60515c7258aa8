using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// Leasing. A claim touches only rows it may take: they lie in one index by destination, priority and order, so its price
/// depends on what it hands out and never on what waits.
/// </summary>
internal static class Claims
{
    /// <summary>Destinations one turn looks at; the next turn goes on where this one stopped, so that none starves.</summary>
    public const int MaxDestinationsPerTurn = 64;

    private const string NextDestination =
        "SELECT destination FROM job WHERE state = 0 AND gate = 0 AND destination > $1 ORDER BY destination LIMIT 1";

    private const string FirstDestination =
        "SELECT destination FROM job WHERE state = 0 AND gate = 0 ORDER BY destination LIMIT 1";

    private const string Candidates = """
        SELECT seq, id, name, version, payload, attempts, unreached, lost, max_attempts, created_at, expires_at, owner, trace, claims
        FROM job WHERE state = 0 AND gate = 0 AND destination = $1 ORDER BY priority DESC, seq LIMIT $2
        """;

    private const string Take =
        "UPDATE job SET state = 1, gate = NULL, claims = claims + 1, instance = $2, lease_until = $3 WHERE seq = $1";

    /// <summary>Walks destinations in rotation and leases what fits.</summary>
    /// <param name="group">The transaction.</param>
    /// <param name="request">Who asks, and for how much.</param>
    /// <param name="rotation">Where the last walk stopped; null before the first one.</param>
    /// <returns>The leased jobs, where this walk stopped, and whether there may be more to find in another turn.</returns>
    public static (List<LeasedJob> Jobs, string? Rotation, bool More) Fulfil(Group group, ClaimRequest request, string? rotation)
    {
        var jobs = new List<LeasedJob>();
        if (Pauses.All(group))
        {
            return (jobs, rotation, false);
        }

        var more = false;
        string? first = null;
        for (var looked = 0; jobs.Count < request.Max; looked++)
        {
            if (Next(group, rotation) is not { } destination || destination == first)
            {
                break;
            }

            if (looked == MaxDestinationsPerTurn)
            {
                more = true;
                break;
            }

            first ??= destination;
            rotation = destination;
            var room = Pauses.Includes(group, destination) ? 0 : Math.Min(request.Room(destination), request.Max - jobs.Count);
            if (room > 0)
            {
                more |= Lease(group, request, destination, room, jobs);
            }
        }

        return (jobs, rotation, more);
    }

    private static string? Next(Group group, string? after) =>
        (after is null ? null : group.QueryFirst(NextDestination, row => row.Text(0), after))
        ?? group.QueryFirst(FirstDestination, row => row.Text(0));

    /// <summary>Leases the first rows of a destination; true when some of them had to be put on hold instead.</summary>
    private static bool Lease(Group group, ClaimRequest request, string destination, int room, List<LeasedJob> jobs)
    {
        var held = false;
        var until = group.NowMs + (long)request.LeaseFor.TotalMilliseconds;
        foreach (var job in group.Query(Candidates, row => Read(row, destination), destination, room))
        {
            if (!request.Knows(job.Name, job.Version))
            {
                group.Execute("UPDATE job SET gate = 3, hold = $2 WHERE seq = $1", job.Lease.Seq, (long)HoldReason.UnknownType);
                held = true;
                continue;
            }

            group.Execute(Take, job.Lease.Seq, request.Instance.Value, until);
            jobs.Add(job);
        }

        return held;
    }

    private static LeasedJob Read(IRow row, string destination) =>
        new(new Lease(JobId.Parse(row.Text(1)), row.Int64(0), row.Int64(13) + 1), row.Text(2), (int)row.Int64(3), row.Bytes(4))
        {
            Destination = destination,
            Attempts = (int)row.Int64(5),
            Unreached = (int)row.Int64(6),
            Lost = (int)row.Int64(7),
            MaxAttempts = (int?)row.Int64OrNull(8),
            AcceptedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(9)),
            ExpiresAt = row.Int64OrNull(10) is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            Owner = row.TextOrNull(11),
            TraceParent = row.TextOrNull(12),
        };
}
