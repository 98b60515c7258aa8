using static Posthouse.Cli.Hosting.ValueForm;

namespace Posthouse.Cli.Hosting;

/// <summary>The keys of a station's store and its files. They stand in <see cref="ConfigurationKeys.All"/>.</summary>
internal static class StoreKeys
{
    public const string Connection = "Store:Postgres:Connection";
    public const string Schema = "Store:Postgres:Schema";
    public const string PasswordFile = "Store:Postgres:PasswordFile";
    public const string StartWithin = "Store:Postgres:StartWithin";
    public const string FilesDirectory = "Files:Directory";

    /// <summary>Every key with its form, default, whether a project may set it, and its meaning.</summary>
    public static readonly ConfigurationKey[] All =
    [
        new(Connection, Text, null, false, "The PostgreSQL database that holds the station's store, Host=…;Database=…;Username=…, without a password; otherwise a SQLite file in DataDirectory holds it."),
        new(Schema, Text, "posthouse", false, "The schema in that database, 1 to 63 of a-z 0-9 _, a letter first; created where it is missing."),
        new(PasswordFile, Text, null, false, "The file with the database user's password, readable by its owner alone; otherwise PGPASSWORD and PGPASSFILE are read, as psql does."),
        new(StartWithin, Duration, "00:00:30", false, "How long a starting server waits for a database that does not answer yet."),
        new(FilesDirectory, Text, null, false, "A folder for files of jobs and results of orders that all servers of a store share, for example on a file server; it has to be there. Otherwise results, and in a database files too, lie in the store, and files beside a SQLite file in vault."),
    ];
}
