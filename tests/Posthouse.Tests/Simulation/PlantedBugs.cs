namespace Posthouse.Tests.Simulation;

/// <summary>The mistakes that the simulation has to find, each with the words in which it is found.</summary>
internal static class PlantedBugs
{
    public static readonly PlantedBug[] All =
    [
        PlantedBug.Sql("a settlement does not ask for the fence", ("AND claims = $2 AND state = 1", "AND $2 > 0 AND state = 1")),
        PlantedBug.Sql("a claim keeps the fence", ("claims = claims + 1", "claims = max(claims, 1)")),
        PlantedBug.Sql("a lost lease is not counted", ("SET lost = lost + 1", "SET lost = lost")),
        PlantedBug.Sql("edges are never let go", ("AND gate = 2 AND NOT EXISTS", "AND gate = 2 AND 1 = 0 AND NOT EXISTS")),
        PlantedBug.Sql("the first edge that goes opens the job", ("AND gate = 2 AND NOT EXISTS (SELECT 1 FROM job_after WHERE job = $1)", "AND gate = 2")),
        PlantedBug.Sql("lanes are forgotten", ("WHERE lane = $1 AND state <> 2 AND seq <> $2", "WHERE lane = $1 AND state <> 2 AND seq <> $2 AND 1 = 0")),
        PlantedBug.Sql("waits are not cut when the clock goes back", ("run_at > $1 + wait_ms", "run_at > $1 + wait_ms AND 1 = 0")),
        PlantedBug.Sql("rows open before their time", ("gate = 1 AND run_at <= $1", "gate = 1 AND run_at <= $1 + 60000")),
        PlantedBug.Sql("a running twin is not looked for", ("AND dedup = $2 AND state < 2", "AND dedup = $2 AND state < 1")),
        PlantedBug.Sql("totals are not saved", ("SET open = open + $1", "SET open = open + 0 * $1")),
        PlantedBug.Sql("a pause is not seen", ("FROM pause WHERE scope = $1", "FROM pause WHERE scope = $1 AND 1 = 0")),
        PlantedBug.Sql("leases of others are free at once", ("instance <> $1 AND lease_until <= $2", "instance <> $1 AND $2 > 0")),
        PlantedBug.Sql("a lease ends at once", ("SET lease_until = $2 WHERE state = 1 AND instance = $1", "SET lease_until = min(lease_until, $2) WHERE state = 1 AND instance = $1")),
        PlantedBug.Sql("a clear takes what needs a decision", ("state = 3 AND reason > 4 AND ended_at <= $1", "state = 3 AND ended_at <= $1")),
        PlantedBug.Sql("a clear does not ask who has seen the end", ("event.position > seen.position", "event.position > seen.position AND 1 = 0")),
        new("a batch is stored one by one") { Around = (store, _, _) => new DistortedStore(store) { SplitsBatches = true } },
        new("an answer before the commit") { CommitsNothing = true },
        new("a recovery takes an undone commit for a done one") { RecoveryLie = 1 },
        new("a recovery takes a done commit for an undone one") { RecoveryLie = -1 },
        new("the runner tries again by itself") { HandlerTriesTwice = true },
        new("a cancel is lost") { Around = (store, _, _) => new DistortedStore(store) { LosesCancels = true } },
        new("renewals are dropped") { Around = (store, _, _) => new DistortedStore(store) { DropsRenewals = true } },
        new("a handler's change is made beside the settlement") { Around = (store, _, _) => new DistortedStore(store) { WritesBeside = true } },
        new("leases of the living are taken over")
        {
            Around = (store, _, _) => new DistortedStore(store) { TakesFromTheLiving = true },
        },
    ];
}
