using System.Text.Json;
using Posthouse.Ivxp.Orders;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>The work of a paid order as it stands in a seller's queue.</summary>
internal static class QueuedWork
{
    private const string JobName = "ivxp.work";

    /// <summary>What giving a job up leaves to be done, on a line of its own; nothing for any other job.</summary>
    public static string Owed(QueueSite site, JobRecord job)
    {
        if (job.Name != JobName || OrderOf(job) is not { } id) { return ""; }

        using var reader = site.Look();
        var state = reader?.Read(read => OrderStateOf(read, id));
        var paid = $"\n{site.Terminal.WarningMark} The client of {id} has paid for it. Send the money back";
        var data = site.Place.Kind is StoreKind.Given ? " --data " + ResourcePath.Quoted(site.Place.Folder) : "";
        return state is null or OrderState.Paid or OrderState.Processing ? paid + ": nothing is delivered any more."
            : OrderLaw.Next(state, OrderEvent.MoneyReturned) is not null ? $"{paid}, and record it: posthouse order resolve {id} --refund{data}"
            : ""; // It was delivered, or its money was sent back already.
    }

    /// <summary>Where the order stands; null: this store does not know it.</summary>
    private static OrderState? OrderStateOf(IRead read, string id) =>
        read.Scalar("SELECT count(*) FROM schema_part WHERE name = $1", OrderRows.Schema.Name) > 0 ? OrderRows.Find(read, id)?.State : null;

    private static string? OrderOf(JobRecord job)
    {
        using var payload = JsonDocument.Parse(job.Payload);
        return payload.RootElement.TryGetProperty("order_id", out var id) ? id.GetString() : null;
    }
}
