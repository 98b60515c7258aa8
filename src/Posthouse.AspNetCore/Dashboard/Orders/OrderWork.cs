using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Orders;

/// <summary>What is lost with the job that does an order's work.</summary>
internal static class OrderWork
{
    /// <summary>What is lost when the work is given up; null: it is another job, or nothing is owed to the client any more.</summary>
    public static async Task<Loss?> LossAsync(IServiceProvider services, JobRecord job)
    {
        if (job.Name != PaidWork.JobName) { return null; }

        if (PaidWork.OrderOf(job) is not { } id || !OrderId.IsValid(id) || services.GetService<OrderBook>() is not { } book || await book.FindAsync(id) is not { } order)
        {
            return new Loss("its client has paid and will not be served.", LossNote.Of(null));
        }

        return PaidWork.IsOwed(order.State) ? new Loss($"its client has paid {OrderFace.Usdc(order.Price)} for {order.ServiceType} and will not be served.", LossNote.Of(order)) : null;
    }
}
