using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Cache;

/// <summary>Asks a tier with a deadline and behind a breaker. Its calls never fail: a tier that does not answer gives null.</summary>
/// <param name="tier">The tier; not owned.</param>
/// <param name="time">The clocks.</param>
/// <param name="logger">Told of a breaker that opens and closes, not of each failure.</param>
internal sealed class GuardedTier(IPriceTier tier, TimeProvider time, ILogger logger)
{
    /// <summary>What a failing tier may add to a read.</summary>
    public static readonly TimeSpan ReadLimit = TimeSpan.FromMilliseconds(50);

    /// <summary>What a write may take: nobody waits for it, and a disk that is busy with others takes seconds.</summary>
    public static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(10);

    /// <summary>What loading all may take; the node is not ready before its own file is loaded.</summary>
    public static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(10);

    private readonly TierBreaker _breaker = new(time);
    private long _failures;

    /// <summary>What people call the tier.</summary>
    public string Name => tier.Name;

    /// <summary>Whether it is asked.</summary>
    public TierState State => _breaker.State;

    /// <summary>Calls that failed or were late, since the start.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Everything that the tier keeps; null: it did not answer.</summary>
    public Task<IReadOnlyList<SignedFrame>?> LoadAsync(CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyList<SignedFrame>>(tier.LoadAsync, LoadLimit, evenIfOpen: false, cancellationToken);

    /// <summary>What the tier keeps of one asset; null: it did not answer.</summary>
    public Task<IReadOnlyList<SignedFrame>?> ReadAsync(AssetKey key, CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyList<SignedFrame>>(token => tier.ReadAsync(key, token), ReadLimit, evenIfOpen: false, cancellationToken);

    /// <summary>Gives the tier prices.</summary>
    /// <param name="prices">The prices.</param>
    /// <param name="isLast">Whether there is no later chance, so that it is tried even if the tier is being left alone.</param>
    /// <returns>Whether the tier has lost everything; null: it did not answer.</returns>
    public async Task<bool?> WriteAsync(IReadOnlyList<KeptPrice> prices, bool isLast = false)
    {
        var answer = await AskAsync<object>(async token => await tier.WriteAsync(prices, token), WriteLimit, isLast, CancellationToken.None);
        return answer as bool?;
    }

    private async Task<T?> AskAsync<T>(Func<CancellationToken, Task<T>> ask, TimeSpan limit, bool evenIfOpen, CancellationToken cancellationToken)
        where T : class
    {
        if (!_breaker.TryEnter() && !evenIfOpen)
            return null;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var answer = await ask(late.Token).WaitAsync(limit, time, cancellationToken);
            if (_breaker.Succeeded())
                logger.TierAnswersAgain(tier.Name);
            return answer;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _breaker.Abandoned();
            return null;
        }
        catch (Exception error)
        {
            late.Cancel(); // What nobody waits for any more need not be finished.
            Interlocked.Increment(ref _failures);
            if (_breaker.Failed())
                logger.TierFails(error, tier.Name, TierBreaker.OpenTime.TotalSeconds);
            return null;
        }
    }
}
