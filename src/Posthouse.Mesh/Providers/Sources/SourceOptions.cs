using Posthouse.Connectivity;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>Which source a provider asks.</summary>
public sealed record SourceOptions
{
    /// <summary>The source that plays a file.</summary>
    public const string Replay = "replay";

    /// <summary>The source that follows Coinbase Exchange's feed.</summary>
    public const string CoinbaseFeed = "coinbase-stream";

    /// <summary>The name of a built-in profile, the path of a profile's file (it ends in <c>.json</c>), <c>coinbase-stream</c> or <c>replay</c>. Default <c>replay</c>.</summary>
    public string Use { get; init; } = Replay;

    /// <summary>The file that holds the key, readable by its owner alone; null: none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The environment variable that holds the key, where no file is named; null: none.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>The assets to ask for, <c>BTC</c> or <c>USDC@base</c>, at most 512; empty: all that a played file has. A vendor needs some.</summary>
    public IReadOnlyList<string> Assets { get; init; } = [];

    /// <summary>The prices to play; null: the made-up ones of this package.</summary>
    public string? ReplayFile { get; init; }

    /// <summary>How much faster than they were written down. Default 1.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Whether they begin again after their end. Default true.</summary>
    public bool Loop { get; init; } = true;

    /// <summary>The time of the file to begin at; null: its first.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Whether they carry the present time instead of the file's. Default true.</summary>
    public bool ShiftToNow { get; init; } = true;

    /// <summary>Faults to make on purpose, one for each fetch in turn, such as <c>ok,timeout,500,429:60</c>; null: none.</summary>
    public string? Faults { get; init; }

    /// <summary>Makes a source that is asked; a stream is followed by a node alone.</summary>
    /// <param name="given">A key that an operator handed over, which goes before the configured one; null: none.</param>
    /// <param name="exchange">The way out.</param>
    /// <param name="time">Measures limits, and is the clock that readings are held against.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: there is no such source, file or key.</exception>
    public IPriceSource Open(SourceKey? given, IExchange exchange, TimeProvider time)
    {
        IPriceSource source = Use == Replay ? OpenReplay(time) : new HttpJsonSource(Profile(), given ?? Key(), exchange, time);
        return Faults is { } script ? new FaultySource(source, script, time) : source;
    }

    /// <summary>Whether it works only with a key, and none is configured.</summary>
    internal bool LacksKey => HasProfile && KeyFile is null && KeyVariable is null && new ProfilePlan(Profile()).NeedsKey;

    /// <summary>What the vendor allows one key; nothing is known of a file, and a stream is not asked.</summary>
    internal BudgetLimits Quota => HasProfile ? Profile().Quota : new();

    private bool HasProfile => Use is not (Replay or CoinbaseFeed);

    /// <summary>What is to be asked for.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: none, too many, or one that is no asset.</exception>
    internal IReadOnlyList<AssetKey> AssetKeys()
    {
        IReadOnlyList<AssetKey> keys = Assets.Count == 0 && Use == Replay ? Played().Assets : [.. Assets.Select(AssetKey.Of).Distinct()];
        if (keys.Count is 0 or > MeshProtocol.MaxPrices)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The source \"{Use}\" is to be asked for 1 to {MeshProtocol.MaxPrices} assets, not for {keys.Count}: name them with Mesh:Source:Assets:0 and so on, such as BTC or USDC@base.");
        foreach (var key in keys)
        {
            if (!WireText.IsKey(key))
                throw new PosthouseException(ErrorCodes.OptionsInvalid, $"\"{key}\" is no asset: write a symbol of A-Z 0-9 . _ -, and perhaps @ and a chain of a-z 0-9 . _ -");
        }

        return keys;
    }

    private ReplayFile Played() => ReplayFile is { } path ? Sources.ReplayFile.Read(path) : Sources.ReplayFile.Sample();

    private ReplaySource OpenReplay(TimeProvider time) => new(
        Played(),
        new ReplayOptions { Speed = Speed, Loop = Loop, StartAt = StartAt, ShiftToNow = ShiftToNow },
        time);

    private SourceProfile Profile() => SourceProfiles.Find(Use)
        ?? (Use.EndsWith(".json", StringComparison.Ordinal) ? SourceProfileFile.Read(Use)
            : throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"There is no source \"{Use}\" for Mesh:Source:Use. Known are {Replay}, {CoinbaseFeed}, {string.Join(", ", SourceProfiles.All.Select(profile => profile.Name))}, and files that end in .json."));

    private SourceKey? Key() => KeyFile is { } path ? SourceKey.FromFile(path) : KeyVariable is { } name ? SourceKey.FromEnvironment(name) : null;
}
