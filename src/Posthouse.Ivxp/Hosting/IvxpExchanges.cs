using Posthouse.Connectivity;
using Posthouse.Ivxp.Egress;

namespace Posthouse.Ivxp.Hosting;

/// <summary>A provider's two ways out, for they may dial different things: the node is the operator's choice, an endpoint a stranger's.</summary>
/// <param name="Chain">To the Ethereum node.</param>
/// <param name="Push">To endpoints of clients.</param>
public sealed record IvxpExchanges(IExchange Chain, IExchange Push)
{
    /// <summary>To the operator's endpoint of notices; the way to the node unless told otherwise, for both are the operator's choice.</summary>
    public IExchange Notices { get; init; } = Chain;

    /// <summary>Over guarded handlers, which live as long as the process.</summary>
    /// <param name="push">Whether pushes may go to private addresses.</param>
    /// <param name="time">Measures limits.</param>
    public static IvxpExchanges Create(PushOptions push, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(push);
        return new IvxpExchanges(
            new HttpExchange(new HttpMessageInvoker(GuardedHandlers.Create()), time),
            new HttpExchange(new HttpMessageInvoker(GuardedHandlers.Create(connect: push.AllowPrivateEndpoints ? null : EgressGuard.OfMachine.ConnectAsync)), time));
    }
}
