using System.Text.Json;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// The file <c>store.json</c> of a data folder whose store lies in a database: it says which, so that neither the folder's old file
/// nor a new and empty database is served by mistake.
/// </summary>
internal static class StoreMark
{
    /// <summary>The file's name.</summary>
    public const string FileName = "store.json";

    /// <summary>Where the folder's store is, or null where no such file is.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: the file is there and cannot be read.</exception>
    public static string? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) { return null; }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.GetProperty("store").GetString();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable, $"{path} says where this folder's store is, and cannot be read ({error.Message}).", error);
        }
    }

    /// <summary>Says where the folder's store is from now on.</summary>
    public static void Write(string folder, string store)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("store", store);
            json.WriteEndObject();
        }

        Durable.WriteAllBytesAtomically(Path.Combine(folder, FileName), buffer.ToArray());
    }

    /// <summary>The database that a server of this folder uses; null: the folder's file.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the folder's store is elsewhere, or would be left behind.</exception>
    public static StationDatabase? OfServer(Configuration configuration, string folder)
    {
        var database = StationDatabase.Of(configuration);
        CheckPlace(database, folder);
        return database is null || Read(folder) is not null || !File.Exists(Path.Combine(folder, StorePlace.DatabaseName)) ? database : throw new PosthouseException(
            ErrorCodes.OptionsInvalid,
            $"{folder} has a store in a file, and {StoreKeys.Connection} names the database {database.Shown}, which would be served instead of it. Move it first with 'posthouse store move --from sqlite --to postgres', or name another folder with --data DIR.");
    }

    /// <summary>The database that a verb means with a folder; null: the folder's file.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="folder">The folder, in full.</param>
    /// <param name="isStation">Whether it is the configured one.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the folder's store is elsewhere than the configuration says.</exception>
    public static StationDatabase? OfVerb(Configuration configuration, string folder, bool isStation)
    {
        if (Read(folder) is null && (!isStation || File.Exists(Path.Combine(folder, StorePlace.DatabaseName)))) { return null; }

        var database = StationDatabase.Of(configuration);
        CheckPlace(database, folder);
        return database;
    }

    private static void CheckPlace(StationDatabase? database, string folder)
    {
        if (Read(folder) is { } place && place != database?.Shown)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"The store of {folder} is {place}; {(database is null ? $"{StoreKeys.Connection} names none" : $"the configuration names {database.Shown}")}. Set {StoreKeys.Connection} and {StoreKeys.Schema} to it; or, if its store is to be another one from now on, remove {Path.Combine(folder, FileName)}.");
        }
    }
}
