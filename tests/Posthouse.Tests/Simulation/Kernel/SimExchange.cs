using Posthouse.Connectivity;

namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>The product's HTTP port on a node: one exchange with the far side named by the request's host.</summary>
internal sealed class SimExchange(SimNode node, SimFarSide farSide, Func<ExchangeRequest, ExchangeResponse> serve) : IExchange
{
    public Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default) =>
        farSide.CallAsync(node, request.Uri.Host, () => serve(request), request.Timeout, cancellationToken);
}
