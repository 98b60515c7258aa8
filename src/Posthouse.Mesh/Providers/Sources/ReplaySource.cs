using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>How a file is played.</summary>
internal sealed record ReplayOptions
{
    /// <summary>How much faster than it was written down: above 0, at most 10,000. Default 1.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Whether it begins again after its end; else its last prices stay, and age. Default true.</summary>
    public bool Loop { get; init; } = true;

    /// <summary>The time of the file to begin at; null: its first.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Whether prices carry the present time at which they are played, instead of the file's. The mesh takes no price older than 24 hours,
    /// so that a file played with its own times is refused unless it is of today. Default true.</summary>
    public bool ShiftToNow { get; init; } = true;

    /// <summary>The source's name. Default <c>replay</c>.</summary>
    public string Name { get; init; } = "replay";
}

/// <summary>Plays a file of prices, with the faults that stand in it: a mesh without the internet, and the same again every time.</summary>
internal sealed class ReplaySource : IPriceSource
{
    private const double MaxSpeed = 10_000;

    private readonly ReplayFile _file;
    private readonly ReplayOptions _options;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private readonly TimeSpan _offset;
    private readonly long _start;

    /// <summary>Begins to play at once.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: the options do not fit the file.</exception>
    public ReplaySource(ReplayFile file, ReplayOptions options, TimeProvider time)
    {
        if (options.Speed is not (> 0 and <= MaxSpeed) || (options.StartAt is { } at && (at < file.First || at > file.Last))
            || !WireText.IsName(options.Name, MeshProtocol.NameChars))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"A replay needs a speed above 0 and at most {MaxSpeed}, a start between {file.First:u} and {file.Last:u}, and a name of a-z 0-9 . _ -");
        }

        (_file, _options, _time) = (file, options, time);
        (_startedAt, _start, _offset) = (time.GetUtcNow(), time.GetTimestamp(), (options.StartAt ?? file.First) - file.First);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public async Task<PriceFetch> FetchAsync(IReadOnlyList<AssetKey> assets, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(assets);
        if (await _file.FaultAt(Position().At).PlayAsync(_time, cancellationToken) is { } fault)
            return PriceFetch.Failed(assets, fault) with { Cost = 1 };
        var ((at, rounds), now) = (Position(), _time.GetUtcNow());
        var (prices, flaws) = (new List<PriceReading>(assets.Count), new List<ReadingFlaw>());
        foreach (var key in assets.Distinct())
        {
            if (_file.At(key, at) is not { } row)
            {
                flaws.Add(new(key, ReadingFlawKind.Absent));
                continue;
            }

            var observed = _options.ShiftToNow ? Shifted(row.Time, rounds) : row.Time;
            if (ReadingBounds.OfTime(observed, now) is { } flaw)
                flaws.Add(new(key, flaw));
            else
                prices.Add(row.Reading with { ObservedAt = observed, Venue = row.Reading.Venue ?? Name });
        }

        prices.Sort(static (one, other) => one.Key.CompareTo(other.Key));
        return new PriceFetch(prices, flaws) { Cost = 1 };
    }

    /// <inheritdoc/>
    public Task<SourceFault?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<SourceFault?>(null);

    /// <summary>Where in the file it is, and how often it has been at the end.</summary>
    private (DateTimeOffset At, long Rounds) Position()
    {
        var played = _offset + (_time.GetElapsedTime(_start) * _options.Speed);
        if (!_options.Loop)
            return (played < _file.Last - _file.First ? _file.First + played : _file.Last, 0);
        var rounds = played.Ticks / _file.Round.Ticks;
        return (_file.First + TimeSpan.FromTicks(played.Ticks % _file.Round.Ticks), rounds);
    }

    /// <summary>When a row was played, by the wall clock of the beginning, in whole milliseconds.</summary>
    private DateTimeOffset Shifted(DateTimeOffset row, long rounds)
    {
        var played = row - _file.First + (_file.Round * rounds) - _offset;
        return DateTimeOffset.FromUnixTimeMilliseconds((_startedAt + (played / _options.Speed)).ToUnixTimeMilliseconds());
    }
}
