using System.Text.Json;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders;

/// <summary>What the job that does an order's work means to its client, for who decides about jobs.</summary>
internal static class PaidWork
{
    /// <summary>The stored name of such a job.</summary>
    public const string JobName = "ivxp.work";

    /// <summary>The order that a job works; null: it is another job, or its payload names none.</summary>
    public static string? OrderOf(JobRecord job)
    {
        if (job.Name != JobName) { return null; }

        try
        {
            using var payload = JsonDocument.Parse(job.Payload);
            return payload.RootElement is { ValueKind: JsonValueKind.Object } work && work.TryGetProperty("order_id"u8, out var id) && id is { ValueKind: JsonValueKind.String } ? id.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether the client has paid, got nothing, and did not get the money back.</summary>
    public static bool IsOwed(OrderState state) => state is OrderState.Paid or OrderState.Processing || CanRefund(state);

    /// <summary>Whether a refund can be recorded.</summary>
    public static bool CanRefund(OrderState state) => OrderLaw.Next(state, OrderEvent.MoneyReturned) is not null;
}
