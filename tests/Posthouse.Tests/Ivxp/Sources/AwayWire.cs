using Posthouse.Connectivity;

namespace Posthouse.Tests.Ivxp.Sources;

/// <summary>A client that cannot be reached: each push waits for its whole time by the test's clock, as one into the void does.</summary>
internal sealed class AwayWire(TimeProvider time, Func<Task>? look = null) : IExchange
{
    private readonly SemaphoreSlim _begun = new(0);

    /// <summary>Waits until the next push has begun to wait.</summary>
    public async Task BegunAsync() => (await _begun.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue("nobody pushed");

    public async Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
    {
        if (look is not null)
            await look();
        var wait = Task.Delay(request.Timeout, time, cancellationToken);
        _begun.Release();
        await wait;
        throw new TimeoutException("The client is away.");
    }
}
