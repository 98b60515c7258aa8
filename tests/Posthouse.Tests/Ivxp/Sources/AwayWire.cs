using System.Threading.Channels;
using Posthouse.Connectivity;

namespace Posthouse.Tests.Ivxp.Sources;

/// <summary>A client that cannot be reached: each push waits for its whole time by the test's clock, as one into the void does.</summary>
internal sealed class AwayWire(TimeProvider time, Func<Task>? look = null) : IExchange
{
    private readonly Channel<ExchangeRequest> _begun = Channel.CreateUnbounded<ExchangeRequest>();

    /// <summary>Waits until the next push has begun to wait.</summary>
    public Task BegunAsync() => _begun.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
    {
        if (look is not null)
            await look();
        var wait = Task.Delay(request.Timeout, time, cancellationToken);
        _begun.Writer.TryWrite(request);
        await wait;
        throw new TimeoutException("The client is away.");
    }
}
