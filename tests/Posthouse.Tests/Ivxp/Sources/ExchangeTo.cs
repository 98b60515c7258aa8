using Posthouse.Connectivity;

namespace Posthouse.Tests.Ivxp.Sources;

/// <summary>A way out that leads where the test says at the time.</summary>
internal sealed class ExchangeTo(Func<IExchange> target) : IExchange
{
    public Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default) => target().SendAsync(request, cancellationToken);
}
