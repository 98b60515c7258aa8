using Posthouse.Connectivity;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// A vendor that is asked over HTTP and answers in JSON, as its profile says. Calls of one fetch go out one after another, for vendors count
/// calls at once; after a failure that the next call would meet too, no further one is made.
/// </summary>
public sealed class HttpJsonSource : IPriceSource
{
    private readonly ProfilePlan _plan;
    private readonly SourceKey? _key;
    private readonly IExchange _exchange;
    private readonly TimeProvider _time;

    /// <summary>A source with one key; another key is another source.</summary>
    /// <param name="profile">How to ask.</param>
    /// <param name="key">The key; null: the profile needs none.</param>
    /// <param name="exchange">The way out.</param>
    /// <param name="time">Measures limits, and is the clock that readings are held against.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: the profile cannot work, or needs a key.</exception>
    public HttpJsonSource(SourceProfile profile, SourceKey? key, IExchange exchange, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(profile);
        (_plan, _key, _exchange, _time) = (new ProfilePlan(profile), key, exchange, time);
        if (_plan.NeedsKey && key is null)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"The source \"{profile.Name}\" needs a key: name the file that holds it with Mesh:Source:KeyFile, or the environment variable with Mesh:Source:KeyVariable.");
        }
    }

    /// <inheritdoc/>
    public string Name => _plan.Profile.Name;

    /// <summary>What the vendor allows its key.</summary>
    public SourceQuota Quota => _plan.Profile.Quota;

    /// <inheritdoc/>
    public async Task<PriceFetch> FetchAsync(IReadOnlyList<AssetKey> assets, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(assets);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(assets.Count, MeshProtocol.MaxPrices);
        var (prices, flaws) = (new List<PriceReading>(assets.Count), new List<ReadingFlaw>());
        var start = _time.GetTimestamp();
        SourceFault? first = null;
        var (ended, cost) = (false, 0);
        foreach (var call in _plan.Calls(assets, flaws))
        {
            SourceFault? fault = null;
            if (!ended && _plan.Profile.FetchTimeout - _time.GetElapsedTime(start) is var left && left > TimeSpan.Zero)
            {
                fault = await CallAsync(call, left, prices, flaws, cancellationToken);
                cost += Quota.PerCall;
            }
            else
            {
                fault = first ?? SourceFaults.Of(new TimeoutException());
            }

            if (fault is not null)
                flaws.AddRange(call.Assets.Select(asset => new ReadingFlaw(asset.Key, ReadingFlawKind.Unanswered)));
            first ??= fault;
            ended |= fault is { EndsFetch: true };
        }

        prices.Sort(static (one, other) => one.Key.CompareTo(other.Key));
        return new PriceFetch(prices, flaws) { Fault = first, Cost = cost };
    }

    /// <inheritdoc/>
    public async Task<SourceFault?> CheckAsync(CancellationToken cancellationToken)
    {
        var (answer, fault) = await SendAsync(_plan.AddressOf(_plan.Profile.Check), null, _plan.Profile.Timeout, cancellationToken);

        // A page that asks to log in to a network answers everything with 200, and takes any key.
        return fault ?? (JsonWalk.IsSound(JsonWalk.Bare(answer!.Body.Span)) ? null : SourceFaults.NotJson());
    }

    private async Task<SourceFault?> CallAsync(
        SourceCall call, TimeSpan left, List<PriceReading> prices, List<ReadingFlaw> flaws, CancellationToken cancellationToken)
    {
        var limit = left < _plan.Profile.Timeout ? left : _plan.Profile.Timeout;
        var (answer, fault) = await SendAsync(_plan.AddressOf(call), call.Chain, limit, cancellationToken);
        return answer is null ? fault : new AnswerReader(_plan, _time.GetUtcNow(), prices, flaws).Read(answer.Body.Span, call);
    }

    private async Task<(ExchangeResponse? Answer, SourceFault? Fault)> SendAsync(
        Uri address, string? chain, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _exchange.SendAsync(
                new ExchangeRequest(HttpMethod.Get, address)
                {
                    Headers = _plan.HeadersOf(chain, _key),
                    Timeout = limit,
                    MaxResponseBytes = _plan.Profile.MaxAnswerBytes,
                },
                cancellationToken);
            var fault = SourceFaults.Of(answer, _plan.Errors, _key, _time.GetUtcNow());
            return (fault is null ? answer : null, fault);
        }
        catch (Exception e) when (SourceFaults.Of(e) is not null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, SourceFaults.Of(e));
        }
    }
}
