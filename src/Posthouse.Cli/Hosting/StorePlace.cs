using Posthouse.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Queue;
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

    /// <summary>The database's file, where it is one.</summary>
    public string Database => Path.Combine(Folder, DatabaseName);

    /// <summary>The database server that holds it instead of a file, or null.</summary>
    public StationDatabase? Server { get; init; }

    /// <summary>Where it is, for people and programs.</summary>
    public string Shown => Server?.Shown ?? Database;

    /// <summary>Damaged stores that were put aside here, the oldest first. They are told of until somebody takes the files away.</summary>
    public IReadOnlyList<string> PutAside => Server is null && Directory.Exists(Folder)
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
        StoreKind.Pocket => $"Store: {Shown} (pocket)",
        StoreKind.Station => $"Store: {Shown} (station)",
        _ => $"Store: {Shown}",
    };

    /// <summary>The store for looking only, or null where none is.</summary>
    public IStoreLook? Look(TimeProvider time) => Server is null ? StoreReader.TryOpen(Database) : StationPostgres.TryLook(Server, time);

    /// <summary>The store for a change. It neither dispatches nor waits for those who do.</summary>
    /// <exception cref="PosthouseException">STORE_BUSY: it was moved elsewhere while this waited for it. STORE_UNAVAILABLE, and others of the store.</exception>
    public SqlJobStore Open(QueueLimits limits, IReadOnlyList<SchemaPart> parts, TimeProvider time, StoreWatch? watch, JobRegistry registry)
    {
        if (Server is not null) { return StationPostgres.Open(Server, limits, parts, time, watch, registry); }

        var store = SqliteJobStore.Open(new SqliteStoreOptions { Path = Database, Limits = limits, Parts = parts, Time = time, Ids = SystemIds.Instance, Watch = watch }, registry);
        if (Kind is StoreKind.Pocket || StoreMark.Read(Folder) is not { } place) { return store; }

        store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        throw new PosthouseException(ErrorCodes.StoreBusy, $"The store of {Folder} has just been moved to {place}. Run this again.");
    }

    /// <summary>Whether the process of an instance lives.</summary>
    public bool IsAlive(InstanceId instance, TimeProvider time)
    {
        if (Server is null) { return InstanceLock.IsHeld(Database, instance); }

        using var look = Look(time);
        return look?.IsAlive(instance) == true;
    }

    /// <summary>Decides: what is given by hand; inside a project the pocket; else the station if one is here, else the pocket.</summary>
    /// <param name="places">Where things live.</param>
    /// <param name="station">The configured data folder, in full.</param>
    /// <param name="given">The folder of <c>--data</c>, or null.</param>
    /// <param name="exists">Whether a file exists.</param>
    /// <param name="server">The database server that holds a folder's store, told whether it is the configured data folder; null: its file does.</param>
    public static StorePlace Choose(Places places, string station, string? given, Func<string, bool> exists, Func<string, bool, StationDatabase?> server)
    {
        if (given is not null)
        {
            var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given));
            return new StorePlace(StoreKind.Given, folder) { Server = server(folder, folder == Path.TrimEndingDirectorySeparator(station)) };
        }

        var pocket = new StorePlace(StoreKind.Pocket, places.Pocket);
        if (places.Project is not null) { return pocket; }

        var stationHere = new StorePlace(StoreKind.Station, station) { Server = server(station, true) };
        return stationHere.Server is not null || exists(stationHere.Database) ? stationHere : pocket;
    }
}
