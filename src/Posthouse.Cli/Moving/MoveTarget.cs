using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Posthouse.Cli.Hosting;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Cli.Moving;

/// <summary>The schema that a store is moved into. A note in it says from where, until all is there.</summary>
internal sealed class MoveTarget : IDisposable
{
    /// <summary>A table of one row, which is there from the beginning.</summary>
    public const string Totals = "job_total";

    /// <summary>The note of one that has ended.</summary>
    private const string Moved = "moved";

    private readonly PostgresDatabase _database;
    private readonly string _shown;

    private MoveTarget(PostgresDatabase database, string shown) => (_database, _shown) = (database, shown);

    public IRead Sql => _database;

    /// <summary>Sets the schema up where it is not, and connects.</summary>
    /// <exception cref="PosthouseException">As <see cref="PostgresJobStore.Open"/>.</exception>
    public static MoveTarget Open(StationDatabase database, IReadOnlyList<SchemaPart> parts, TimeProvider time)
    {
        var options = new PostgresStoreOptions { ConnectionString = database.WithPassword(), Schema = database.Schema, Parts = [.. parts, PostgresVault.Schema], Time = time, Ids = SystemIds.Instance };
        PostgresJobStore.Open(options, new JobRegistry()).DisposeAsync().AsTask().GetAwaiter().GetResult();
        var connection = PostgresDatabase.Connect(PostgresPlace.Of(options).ConnectionString);
        connection.EnsureOpen();
        return new MoveTarget(connection, database.Shown);
    }

    /// <summary>Takes the schema for a source, empty or as far as an earlier run of the same move came.</summary>
    /// <returns>Whether everything is there already.</returns>
    /// <exception cref="PosthouseException">STORE_BUSY: a server dispatches from it. OPTIONS_INVALID: it holds another store.</exception>
    public bool Take(MoveSource source)
    {
        if (StationFacts.Find(_database, Moved) == source.Name) { return true; }

        if (_database.Query("SELECT id FROM instance", row => new InstanceId(row.Text(0))).Exists(instance => TimedPresence.IsAlive(_database, instance)))
        {
            throw new PosthouseException(ErrorCodes.StoreBusy, $"A server runs on {_shown}. Stop it, and move the store then.");
        }

        var begun = StationFacts.Find(_database, StationFacts.Moving);
        if (begun is null && source.Tables.FirstOrDefault(table => table.Name is not Totals && table.Count(_database) > 0) is { } full)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                string.Create(CultureInfo.InvariantCulture, $"{_shown} holds another store: {full.Count(_database)} row(s) in {full.Name}. Name an empty schema with {StoreKeys.Schema}."));
        }

        if (begun is not null && begun != source.Name)
        {
            if (begun.Split(':')[0] != source.Name.Split(':')[0])
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid, $"Another store is being moved into {_shown}. Name another schema with {StoreKeys.Schema}.");
            }

            // The file was used since: what is here is no beginning of what is there now.
            foreach (var table in source.Tables.Reverse()) { _database.Execute(table.Name == Totals ? "UPDATE job_total SET open = 0, bytes = 0, file_bytes = 0" : $"DELETE FROM {table.Name}"); }
            _database.Execute("UPDATE event_swept SET position = 0");
        }

        Note(StationFacts.Moving, source.Name);
        return false;
    }

    /// <summary>Adds a page of rows, all or none.</summary>
    public void Add(MovedTable table, List<SqlValue[]> rows) => _database.Guarded(() =>
    {
        using var import = _database.Connection.BeginBinaryImport($"COPY {table.Name} ({string.Join(", ", table.Columns.Select(column => column.Name))}) FROM STDIN (FORMAT BINARY)");
        foreach (var row in rows)
        {
            import.StartRow();
            foreach (var value in row) { Write(import, value); }
        }

        return import.Complete();
    });

    /// <summary>The totals; and what numbers rows goes on behind what was given already, swept or not.</summary>
    public void Count(MoveSource source)
    {
        var (open, bytes, files) = source.Read(read => read.QueryFirst("SELECT open, bytes, file_bytes FROM job_total", row => (row.Int64(0), row.Int64(1), row.Int64(2))));
        _database.Execute("UPDATE job_total SET open = $1, bytes = $2, file_bytes = $3", open, bytes, files);
        var (lastJob, lastEvent) = (source.LastNumber("job"), source.LastNumber("event"));
        _database.Execute("UPDATE event_swept SET position = $1", lastEvent);
        _database.Scalar("SELECT setval(pg_get_serial_sequence('job', 'seq'), greatest($1, 1), $1 > 0)::BIGINT", lastJob);
        _database.Scalar("SELECT setval(pg_get_serial_sequence('event', 'position'), greatest($1, 1), $1 > 0)::BIGINT", lastEvent);
    }

    /// <summary>The move is over: servers may use the schema.</summary>
    public void Finish(MoveSource source)
    {
        // But not that the file kept files itself: the move may have put them into a folder.
        foreach (var (name, value) in source.Read(read => read.Query(
            "SELECT name, value FROM station_fact WHERE NOT (name = $1 AND value = $2)", row => (row.Text(0), row.Text(1)), StationFacts.Files, SharedFolder.InStore)))
        {
            Note(name, value);
        }

        Note(Moved, source.Name);
        _database.Execute("DELETE FROM station_fact WHERE name = $1", StationFacts.Moving);
    }

    public void Note(string name, string value) =>
        _database.Execute("INSERT INTO station_fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);

    public void Dispose() => _database.Dispose();

    private static void Write(NpgsqlBinaryImporter import, in SqlValue value)
    {
        switch (value.Kind)
        {
            case SqlKind.Integer: import.Write(value.Int64, NpgsqlDbType.Bigint); break;
            case SqlKind.Text: import.Write(PostgresText.Value(value.Text), NpgsqlDbType.Text); break;
            case SqlKind.Bytes: import.Write(value.Bytes, NpgsqlDbType.Bytea); break;
            default: import.WriteNull(); break;
        }
    }
}
