using SQLitePCL;

namespace Posthouse.Storage.Sqlite;

/// <summary>How a connection is opened, and what must hold before it is handed out.</summary>
internal sealed partial class SqliteDatabase
{
    /// <summary>How long a statement waits for a foreign program's lock; inside the house the gate keeps writers apart.</summary>
    private const int BusyMilliseconds = 5000;

    /// <summary>The writer's page cache: the claim's indexes of a million jobs stay in it.</summary>
    private const int CacheKibibytes = 64 * 1024;

    /// <summary><c>PRAGMA synchronous</c> answers 2 for FULL.</summary>
    private const long Full = 2;

    /// <summary>
    /// WAL with FULL is the setting that lost no acknowledged row in simulated power cuts. Automatic checkpoints are off,
    /// since the writer checkpoints at a moment of its own choice; the two fsync lines matter on macOS and are void elsewhere.
    /// </summary>
    private static readonly string WriterSettings = $"""
        PRAGMA busy_timeout={BusyMilliseconds};
        PRAGMA journal_mode=WAL;
        PRAGMA synchronous=FULL;
        PRAGMA fullfsync=1;
        PRAGMA checkpoint_fullfsync=1;
        PRAGMA wal_autocheckpoint=0;
        PRAGMA foreign_keys=0;
        PRAGMA temp_store=MEMORY;
        PRAGMA mmap_size=0;
        PRAGMA cache_size=-{CacheKibibytes};
        """;

    /// <summary>
    /// The last one reads the file's header, so that a file which is no database is found now. They are run one by one: the call
    /// for scripts costs a reading verb more to bind than the statements to run.
    /// </summary>
    private static readonly string[] ReaderSettings =
    [
        $"PRAGMA busy_timeout={BusyMilliseconds}",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA mmap_size=0",
        "PRAGMA schema_version",
    ];

    private SqliteDatabase(sqlite3 connection, string path)
    {
        _connection = connection;
        Path = path;
    }

    /// <summary>Opens a database; read-write it is made where it is missing, private to this user.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readOnly">Whether the connection only reads; then the file must exist.</param>
    /// <exception cref="PosthouseException">
    /// <c>STORE_UNAVAILABLE</c>: it cannot be opened; <c>STORE_CORRUPT</c>: it is no database; <c>STORE_BUSY</c>: a foreign program holds it.
    /// </exception>
    public static SqliteDatabase Open(string path, bool readOnly)
    {
        SqliteLibrary.Use();
        path = System.IO.Path.GetFullPath(path);
        if (!readOnly)
            Create(path);
        var flags = (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE) | raw.SQLITE_OPEN_NOMUTEX;
        var result = raw.sqlite3_open_v2(path, out var connection, flags, null);
        var database = new SqliteDatabase(connection, path);
        try
        {
            database.Check(result);
            database.Check(raw.sqlite3_extended_result_codes(connection, 1));
            if (readOnly)
            {
                foreach (var setting in ReaderSettings)
                    database.Scalar(setting);
                return database;
            }

            database.MakeDurable();
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Opens a database after the system failed to write it, and makes durable what is in it.</summary>
    /// <exception cref="PosthouseException"><c>STORE_UNAVAILABLE</c>: it failed again.</exception>
    public static SqliteDatabase OpenAfterFailure(string path)
    {
        var database = Open(path, readOnly: false);
        try
        {
            // After a failed fsync the system may show pages that are not on disk. Folding the log in writes them anew and
            // flushes again, so that what is read now is also there after a power cut.
            return database.Checkpoint(truncate: true).Done
                ? database
                : throw new PosthouseException(ErrorCodes.StoreUnavailable, $"{path} could not be flushed after a disk error.");
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Speaks on a connection that somebody else opened and will close.</summary>
    public static SqliteDatabase Borrow(sqlite3 connection, string path) => new(connection, path) { _borrowed = true };

    /// <summary>Gives a writing connection the settings that durability needs, and makes sure that they hold.</summary>
    public void MakeDurable()
    {
        ExecuteScript(WriterSettings);
        DemandDurability();
    }

    /// <summary>Makes an empty file first, because SQLite would make one that others may read; log and index take its mode over.</summary>
    private static void Create(string path)
    {
        if (File.Exists(path))
            return;
        try
        {
            var folder = System.IO.Path.GetDirectoryName(path)!;
            Durable.CreatePrivateDirectory(folder);
            Durable.CreatePrivateFile(path).Dispose();
            Durable.FsyncDirectory(folder);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process made it in between.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(
                ErrorCodes.StoreUnavailable,
                $"{path} cannot be made ({error.Message}). Make sure that this user may write its folder.",
                error);
        }
    }

    /// <summary>A pragma that cannot be met is ignored by SQLite without a word; durability is not taken on trust.</summary>
    private void DemandDurability()
    {
        var journal = QueryFirst("PRAGMA journal_mode", row => row.Text(0));
        var synchronous = Scalar("PRAGMA synchronous");
        if (journal != "wal" || synchronous != Full)
            throw new PosthouseException(
                ErrorCodes.StoreUnavailable,
                $"{Path} cannot be kept durable here: journal {journal} instead of wal, synchronous {synchronous} instead of {Full}. Put it on a local disk.");
    }
}
