using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Orders;

/// <summary>What the job that does an order's work means to the order.</summary>
internal static class OrderWork
{
    /// <summary>The stored name of such a job.</summary>
    private const string JobName = "ivxp.work";

    /// <summary>What is lost when the work is given up; null: it is another job.</summary>
    public static async Task<Loss?> LossAsync(IServiceProvider services, JobRecord job)
    {
        if (job.Name != JobName) { return null; }

        if (OrderOf(job) is not { } id || services.GetService<OrderBook>() is not { } book || await book.FindAsync(id) is not { } order) { return new Loss("its client has paid and will not be served.", LossNote.Of(null)); }

        // Else it was delivered, or its money was sent back already.
        return order.State is OrderState.Paid or OrderState.Processing || CanRefund(order)
            ? new Loss($"its client has paid {OrderFace.Usdc(order.Price)} for {order.ServiceType} and will not be served.", LossNote.Of(order))
            : null;
    }

    /// <summary>Whether a refund is recorded on the order's page.</summary>
    public static bool CanRefund(Order order) => OrderLaw.Next(order.State, OrderEvent.MoneyReturned) is not null;

    /// <summary>The order that a job's payload names; null: it names none.</summary>
    private static string? OrderOf(JobRecord job)
    {
        try
        {
            using var payload = JsonDocument.Parse(job.Payload);
            return payload.RootElement is { ValueKind: JsonValueKind.Object } work && work.TryGetProperty("order_id"u8, out var id) && id is { ValueKind: JsonValueKind.String } && OrderId.IsValid(id.GetString())
                ? id.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
