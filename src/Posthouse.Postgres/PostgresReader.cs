using Posthouse.Storage;

namespace Posthouse.Postgres;

/// <summary>Looks at a store on one connection: it takes no gate, changes nothing and rings nobody.</summary>
internal sealed class PostgresReader : IStoreLook
{
    private readonly PostgresDatabase _database;

    private PostgresReader(PostgresDatabase database) => _database = database;

    public long Version => Read(read => read.Scalar("SELECT coalesce(sum(turn), 0)::BIGINT FROM commit_mark"));

    /// <summary>Opens a store; null where the schema is not there, or nobody has set it up.</summary>
    /// <param name="options">Where it is.</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: the server does not answer, or refuses the user. SCHEMA_NEWER. OPTIONS_INVALID.</exception>
    public static PostgresReader? TryOpen(PostgresStoreOptions options)
    {
        var reader = new PostgresReader(PostgresDatabase.Connect(PostgresPlace.Of(options).ConnectionString));
        try
        {
            reader._database.EnsureOpen();
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
        _database.EnsureOpen();
        _database.ExecuteScript("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        try
        {
            return read(_database);
        }
        finally
        {
            _database.ExecuteScript("ROLLBACK");
            _database.Undone();
        }
    }

    public bool IsAlive(InstanceId instance) => Read(read => TimedPresence.IsAlive(read, instance));

    public void Dispose() => _database.Dispose();

    private bool IsSetUp()
    {
        if (_database.Scalar("SELECT (to_regclass('schema_part') IS NOT NULL)::INT") == 0)
        {
            return false;
        }

        var version = _database.Scalar("SELECT version FROM schema_part WHERE name = 'core'");
        return version <= PostgresSchema.Core.Version ? version > 0 : throw PostgresSchema.Newer("core", version, PostgresSchema.Core.Version);
    }
}
