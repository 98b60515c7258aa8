using Npgsql;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Postgres;

/// <summary>
/// File custody in the database: a copy is a row and its pieces, one statement each, so that a large file is never in memory as a whole and no
/// transaction is long. A copy without a hash is under way, or was left by a process that died; one without a time either was given up, for good.
/// </summary>
internal sealed class PostgresVault : IFileCustody
{
    /// <summary>Bytes of a piece, but for the last one: a statement of some milliseconds.</summary>
    public const int PieceBytes = 1 << 20;

    /// <summary>By the server's clock, in milliseconds.</summary>
    internal const string Now = "(extract(epoch FROM clock_timestamp()) * 1000)::BIGINT";

    /// <summary>The age at which a copy that was never finished is removed; one that is under way says so with every piece.</summary>
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromHours(1);

    /// <summary>Pieces that one statement removes: some tenths of a second.</summary>
    private const int RemovedAtOnce = 64;

    /// <summary>Connections of this process that are kept for files: stagings and reads seldom come in crowds.</summary>
    private const int MaxConnections = 16;

    private const string Tables = """
        CREATE TABLE vault_copy (
          copy       TEXT PRIMARY KEY,
          hash       TEXT UNIQUE,                        -- NULL: it is not whole yet
          size       BIGINT NOT NULL,
          touched_at BIGINT NOT NULL
        );
        CREATE INDEX vault_copy_unfinished ON vault_copy (touched_at) WHERE hash IS NULL;
        CREATE TABLE vault_piece (
          copy  TEXT NOT NULL REFERENCES vault_copy (copy) ON DELETE CASCADE,
          part  BIGINT NOT NULL,
          bytes BYTEA NOT NULL,
          PRIMARY KEY (copy, part)
        );
        ALTER TABLE vault_piece ALTER COLUMN bytes SET STORAGE EXTERNAL
        """;

    private readonly string _connection;
    private readonly IIds _ids;
    private readonly long _maxFileBytes;

    /// <summary>A vault in a store's schema, which holds <see cref="Schema"/>.</summary>
    public PostgresVault(string connectionString, string schema, IIds ids, long maxFileBytes)
    {
        var place = PostgresPlace.Of(connectionString, schema);
        _connection = new NpgsqlConnectionStringBuilder(place.ConnectionString) { Pooling = true, MinPoolSize = 0, MaxPoolSize = MaxConnections }.ConnectionString;
        (_ids, _maxFileBytes) = (ids, maxFileBytes);
    }

    /// <summary>The vault's tables, which only this database has.</summary>
    public static SchemaPart Schema { get; } = new("vault", [("", Tables)], ["vault_copy", "vault_piece"]);

    /// <inheritdoc/>
    public async Task<StoredFile> StageAsync(JobFile file, Func<StoredFile, Task> register, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(register);
        using var source = SourceFile.Open(file, _maxFileBytes);
        using var database = Connect();
        var copy = $"{_ids.NextUInt64():x16}{_ids.NextUInt64():x16}";
        try
        {
            RemoveSome(database);
            var stored = new PieceWriter(database, copy).Write(source, cancellationToken);
            CrashPoint.Reached(CrashAt.FileCopied);
            await register(stored);
            CrashPoint.Reached(CrashAt.FileRegistered);
            Name(database, copy, stored.Hash);
            CrashPoint.Reached(CrashAt.FileNamed);
            return stored;
        }
        catch
        {
            Forget(database, copy);
            throw;
        }
    }

    /// <inheritdoc/>
    public Stream Open(string hash)
    {
        using var database = Connect();
        var size = database.QueryFirst("SELECT size FROM vault_copy WHERE hash = $1", row => (long?)row.Int64(0), hash)
            ?? throw new PosthouseException(ErrorCodes.FileDamaged, $"The stored file {hash} cannot be read any more: the database has no such file.");
        return new VerifyingStream(new PieceStream(_connection, hash, size), hash);
    }

    /// <inheritdoc/>
    public void Delete(string hash)
    {
        using var database = Connect();
        GiveUp(database, hash);
    }

    /// <inheritdoc/>
    public bool RemoveGivenUp()
    {
        using var database = Connect();
        return RemoveSome(database);
    }

    /// <inheritdoc/>
    public IEnumerable<string> List()
    {
        using var database = Connect();
        return database.Query("SELECT hash FROM vault_copy WHERE hash IS NOT NULL", row => row.Text(0));
    }

    /// <summary>Always, also where such bytes stand already: these may be freed at this moment. Two that give one name do it in turn.</summary>
    private static void Name(PostgresDatabase database, string copy, string hash)
    {
        database.ExecuteScript("BEGIN");
        database.Scalar("SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('posthouse/' || $1, 0))", hash);
        GiveUp(database, hash);
        if (database.Execute("UPDATE vault_copy SET hash = $2 WHERE copy = $1 AND touched_at > 0", copy, hash) == 0)
        {
            throw new PosthouseException(ErrorCodes.FileDamaged, "The copy of the file was given up before it was finished. Enqueue the job again.");
        }

        database.ExecuteScript("COMMIT", committing: true);
    }

    /// <summary>A single row, however large the file: freeing is done inside the store's gate, where all servers would wait for its bytes to go.</summary>
    private static void GiveUp(PostgresDatabase database, string hash) =>
        database.Execute("UPDATE vault_copy SET hash = NULL, touched_at = 0 WHERE hash = $1", hash);

    /// <summary>Removes pieces of copies that were given up, and answers whether there may be more.</summary>
    private static bool RemoveSome(PostgresDatabase database)
    {
        // Given up before its first piece goes: whoever wakes up after an hour and goes on with it is refused the name.
        database.Execute($"UPDATE vault_copy SET touched_at = 0 WHERE hash IS NULL AND touched_at > 0 AND touched_at < {Now} - $1", (long)LeftoverAge.TotalMilliseconds);
        if (database.Execute("""
            DELETE FROM vault_piece WHERE (copy, part) IN (
              SELECT copy, part FROM vault_piece JOIN vault_copy USING (copy) WHERE hash IS NULL AND touched_at = 0 LIMIT $1 FOR UPDATE OF vault_piece SKIP LOCKED)
            """, RemovedAtOnce) == RemovedAtOnce)
        {
            return true;
        }

        database.Execute("DELETE FROM vault_copy WHERE hash IS NULL AND touched_at = 0 AND NOT EXISTS (SELECT 1 FROM vault_piece WHERE vault_piece.copy = vault_copy.copy)");
        return false;
    }

    private static void Forget(PostgresDatabase database, string copy)
    {
        try
        {
            database.ExecuteScript("ROLLBACK");
            database.Execute("UPDATE vault_copy SET touched_at = 0 WHERE copy = $1 AND hash IS NULL", copy);
        }
        catch (PosthouseException)
        {
            // The server is away; a later staging finds it.
        }
    }

    private PostgresDatabase Connect()
    {
        var database = PostgresDatabase.Connect(_connection);
        try
        {
            database.EnsureOpen();
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
