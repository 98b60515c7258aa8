using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>Any source, with faults made on purpose: one for each fetch in turn, and from the beginning again after the last.</summary>
internal sealed class FaultySource : IPriceSource
{
    private readonly IPriceSource _inner;
    private readonly InjectedFault[] _script;
    private readonly TimeProvider _time;
    private int _fetches = -1;

    /// <param name="inner">Answers where there is no fault.</param>
    /// <param name="script">The faults with commas between them, such as <c>ok,timeout,500,429:60</c>.</param>
    /// <param name="time">Measures delays.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: a word is no fault.</exception>
    public FaultySource(IPriceSource inner, string script, TimeProvider time)
    {
        (_inner, _time) = (inner, time);
        _script = [.. script.Split(',', StringSplitOptions.TrimEntries).Select(word => InjectedFault.TryParse(word, out var fault) ? fault
            : throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"\"{word}\" is no fault. Known are ok, timeout, garbage, freeze:MILLISECONDS, STATUS and STATUS:SECONDS."))];
    }

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public async Task<PriceFetch> FetchAsync(IReadOnlyList<AssetKey> assets, CancellationToken cancellationToken)
    {
        var fault = _script[(int)((uint)Interlocked.Increment(ref _fetches) % (uint)_script.Length)];
        return await fault.PlayAsync(_time, cancellationToken) is { } failed
            ? PriceFetch.Failed(assets, failed)
            : await _inner.FetchAsync(assets, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<SourceFault?> CheckAsync(CancellationToken cancellationToken) => _inner.CheckAsync(cancellationToken);
}
