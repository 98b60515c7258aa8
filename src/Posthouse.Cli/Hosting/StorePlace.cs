using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Cli.Hosting;

/// <summary>Whose store it is.</summary>
internal enum StoreKind
{
    /// <summary>A person's own.</summary>
    Pocket,

    /// <summary>A server's.</summary>
    Station,

    /// <summary>Named by <c>--data</c>.</summary>
    Given,
}

/// <summary>Which store a verb looks at.</summary>
/// <param name="Kind">Whose it is.</param>
/// <param name="Folder">Its folder, in full.</param>
internal sealed record StorePlace(StoreKind Kind, string Folder)
{
    /// <summary>The database's name in every store's folder.</summary>
    public const string DatabaseName = "posthouse.db";

    /// <summary>The database's file.</summary>
    public string Database => Path.Combine(Folder, DatabaseName);

    /// <summary>Damaged stores that were put aside here, the oldest first. They are told of until somebody takes the files away.</summary>
    public IReadOnlyList<string> PutAside => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, DatabaseName + StoreOpening.AsideMark + "*", new EnumerationOptions())
            .Where(path => !path.EndsWith("-wal", StringComparison.Ordinal) && !path.EndsWith("-shm", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Makes the folder where it is not there yet.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: it cannot be one.</exception>
    public void Prepare()
    {
        try
        {
            Durable.CreatePrivateDirectory(Folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var why = File.Exists(Folder) ? "a file stands there" : error.Message;
            throw new PosthouseException(ErrorCodes.StoreUnavailable, $"The folder {Folder} cannot hold your store: {why}\nThe variable POSTHOUSE_HOME names another folder.", error);
        }
    }

    /// <summary>What people are told first.</summary>
    public string Title => Kind switch
    {
        StoreKind.Pocket => $"Store: {Database} (pocket)",
        StoreKind.Station => $"Store: {Database} (station)",
        _ => $"Store: {Database}",
    };

    /// <summary>Decides: what is given by hand; inside a project the pocket; else the station if one is here, else the pocket.</summary>
    /// <param name="places">Where things live.</param>
    /// <param name="station">The configured data folder, in full.</param>
    /// <param name="given">The folder of <c>--data</c>, or null.</param>
    /// <param name="exists">Whether a file exists.</param>
    public static StorePlace Choose(Places places, string station, string? given, Func<string, bool> exists)
    {
        if (given is not null) { return new StorePlace(StoreKind.Given, Path.GetFullPath(given)); }

        var stationHere = new StorePlace(StoreKind.Station, station);
        return places.Project is null && exists(stationHere.Database) ? stationHere : new StorePlace(StoreKind.Pocket, places.Pocket);
    }
}
