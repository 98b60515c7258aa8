using Posthouse.Ivxp.Orders;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>The work of a paid order as it stands in a seller's queue.</summary>
internal static class QueuedWork
{
    /// <summary>What giving a job up leaves to be done, on a line of its own; nothing for any other job.</summary>
    public static string Owed(QueueSite site, JobRecord job)
    {
        if (PaidWork.OrderOf(job) is not { } id) { return ""; }

        using var reader = site.Look();
        var state = reader?.Read(read => StateOf(read, id));
        if (state is { } known && !PaidWork.IsOwed(known)) { return ""; }

        var paid = $"\n{site.Terminal.WarningMark} The client of {id} has paid for it. Send the money back";
        return state is { } failed && PaidWork.CanRefund(failed)
            ? $"{paid}, and record it: posthouse order resolve {id} --refund{site.Here}"
            : paid + ": nothing is delivered any more.";
    }

    /// <summary>Where the order stands; null: this store does not know it.</summary>
    private static OrderState? StateOf(IRead read, string id) =>
        read.Scalar("SELECT count(*) FROM schema_part WHERE name = $1", OrderRows.Schema.Name) > 0 ? OrderRows.Find(read, id)?.State : null;
}
