using System.Text.Json;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>The work of a paid order as it stands in a seller's queue.</summary>
internal static class QueuedWork
{
    private const string JobName = "ivxp.work";

    /// <summary>What giving a job up leaves to be done, on a line of its own; nothing for any other job.</summary>
    public static string Owed(QueueSite site, JobRecord job)
    {
        if (job.Name != JobName || Order(job) is not { } order) { return ""; }

        var paid = $"\n{site.Terminal.WarningMark} The client of {order} has paid for it. Send the money back";
        // Only an order whose work failed is refunded by that verb.
        if (job.State is not JobState.Dead) { return paid + ": nothing is delivered any more."; }

        var data = site.Place.Kind is StoreKind.Given ? " --data " + ResourcePath.Quoted(site.Place.Folder) : "";
        return $"{paid}, and record it: posthouse order resolve {order} --refund{data}";
    }

    private static string? Order(JobRecord job)
    {
        using var payload = JsonDocument.Parse(job.Payload);
        return payload.RootElement.TryGetProperty("order_id", out var id) ? id.GetString() : null;
    }
}
