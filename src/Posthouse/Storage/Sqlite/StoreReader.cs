namespace Posthouse.Storage.Sqlite;

/// <summary>
/// Looks at a store without taking part in it: no thread, no gate, no write, so it is open in a few milliseconds and works
/// beside any number of processes. Used by one thread at a time.
/// </summary>
internal sealed class StoreReader : IStoreLook
{
    private readonly SqliteDatabase _database;

    private StoreReader(SqliteDatabase database) => _database = database;

    public long Version => _database.DataVersion;

    /// <summary>Opens a store; null where there is none, or only an empty file that nobody has finished to set up.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE, STORE_BUSY, STORE_CORRUPT or SCHEMA_NEWER.</exception>
    public static StoreReader? TryOpen(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var reader = new StoreReader(SqliteDatabase.Open(path, readOnly: true));
        try
        {
            if (reader.IsSetUp())
            {
                return reader;
            }
        }
        catch
        {
            reader.Dispose();
            throw;
        }

        reader.Dispose();
        return null;
    }

    public T Read<T>(Func<IRead, T> read)
    {
        _database.BeginRead();
        try
        {
            return read(_database);
        }
        finally
        {
            _database.Rollback();
        }
    }

    public bool IsAlive(InstanceId instance) => InstanceLock.IsHeld(_database.Path, instance);

    public void Dispose() => _database.Dispose();

    private bool IsSetUp()
    {
        if (_database.Scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_part'") == 0)
        {
            return false;
        }

        var version = _database.Scalar("SELECT version FROM schema_part WHERE name = 'core'");
        return version <= StoreOpening.Core.Version ? version > 0 : throw new PosthouseException(ErrorCodes.SchemaNewer,
            $"{_database.Path} was written by a newer version of this program: its core is at {version}, this one knows {StoreOpening.Core.Version}. Update this program.");
    }
}
