using System.Text;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.SystemTests.Dashboard;

/// <summary>A queue as a small company may have it on a bad afternoon.</summary>
internal static class Showcase
{
    public static Task FillAsync(DashboardSite site) => site.WithStoreAsync(async store =>
    {
        var worker = await store.JoinAsync(() => { });
        for (var number = 1; number <= 9; number++)
        {
            var id = $"invoice-{number}";
            await store.EnqueueAsync([Draft(id, "invoice.send", $$"""{"invoice":"2026-{{1040 + number}}","to":"accounts@example.org","total":"{{number * 137}}.50"}""", "smtp.example.org", "outbox")]);
            var job = (await store.ClaimAsync(new ClaimRequest(worker, 1, TimeSpan.FromSeconds(60)))).ShouldHaveSingleItem();
            await store.SettleAsync(job.Lease, number % 7 == 0 ? Failed("The mailbox accounts@example.org does not exist") : new Settlement(SettlementKind.Done) { Result = "{}"u8.ToArray() });
        }

        await store.EnqueueAsync([Draft("sync-31", "crm.sync", """{"customer":4711}""", "crm.example.org", null)]);
        var sync = (await store.ClaimAsync(new ClaimRequest(worker, 1, TimeSpan.FromSeconds(60))))[0];
        await store.SettleAsync(sync.Lease, Failed("The record was changed on the far side") with { Reason = DeadReason.Conflict });
        await store.LeaveAsync(worker);
        await store.EnqueueAsync([
            .. Enumerable.Range(1, 14).Select(number => Draft($"report-{number:00}", "report.render", $$"""{"month":{{number}}}""", "", "reports") with { NotBefore = DateTimeOffset.UtcNow.AddMinutes(7 * number) }),
            Draft("backup-1", "archive.upload", """{"folder":"2026-11"}""", "storage.example.org", null) with { NotBefore = DateTimeOffset.UtcNow.AddHours(9) },
        ]);
    });

    private static JobDraft Draft(string id, string name, string payload, string destination, string? lane) =>
        new(JobId.Parse(id), name, 1, Encoding.UTF8.GetBytes(payload), "{}"u8.ToArray()) { Destination = destination, Lane = lane, WhenDead = WhenDead.Skip };

    private static Settlement Failed(string message) => new(SettlementKind.Dead)
    {
        Counted = true,
        Reason = DeadReason.Rejected,
        Failure = new Failure(FailureKind.Permanent, message) { StatusCode = 550 },
    };
}
