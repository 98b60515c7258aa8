using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Ivxp.Orders.Pushes;

/// <summary>
/// A stored result is to be posted to its client until the client has it or its retention is over. One round of pushes is one
/// job; the order names the present one.
/// </summary>
/// <param name="OrderId">The order.</param>
/// <param name="Host">The endpoint's host and port: pushes to one client never stand in the way of another's.</param>
// 20 deaths, as for the work: the result is there and paid for, and a post cannot be what ends the process.
[Job("ivxp.push", Destination = "{Host}", MaxLost = 20)]
internal sealed record PushDelivery(string OrderId, string Host) : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;

    public static PushDelivery To(Order order) => new(order.Id, PushEndpoint.Authority(order.DeliveryEndpoint));

    /// <summary>
    /// The jobs of the room for a process that enqueues pushes and runs none: the plan decides how a destination is stored, and
    /// which delays it has is the server's affair.
    /// </summary>
    public static JobRegistry Registry() => new JobRegistry().AddPosthouseIvxpJobs().UsePlan<PushDelivery>(Plan(new PushOptions()));

    /// <summary>The plan of pushes.</summary>
    public static Schedule Plan(PushOptions push) => new() { Delays = push.Delays, Tail = push.Tail };
}
