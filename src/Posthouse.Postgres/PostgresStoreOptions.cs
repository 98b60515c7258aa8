using Posthouse.Diagnostics;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Postgres;

/// <summary>What a PostgreSQL store is opened with.</summary>
public sealed record PostgresStoreOptions
{
    /// <summary>
    /// Where the database is, as Npgsql writes it: <c>Host=…;Database=…;Username=…</c>. The user creates the schema, or owns it.
    /// A connection pooler between has to keep sessions (PgBouncer: <c>pool_mode = session</c>): a store listens on its session.
    /// </summary>
    public required string ConnectionString { get; init; }

    /// <summary>The schema that holds the tables, 1 to 63 of <c>a-z 0-9 _</c>, created when it is missing. Stores of different schemas know nothing of each other. Default <c>posthouse</c>.</summary>
    public string Schema { get; init; } = "posthouse";

    /// <summary>What the queue takes at most.</summary>
    public QueueLimits Limits { get; init; } = new();

    /// <summary>Tables of the rooms beside the core's own.</summary>
    public IReadOnlyList<SchemaPart> Parts { get; init; } = [];

    /// <summary>Where files of jobs lie, on ground that all processes of the store share; null: a sweep frees references only.</summary>
    public IFileCustody? Files { get; init; }

    /// <summary>The clock. The system's own is set right by the server's, so that all machines agree on leases.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The source of ids.</summary>
    public required IIds Ids { get; init; }

    /// <summary>Who is told of slow groups and of commits; null: nobody.</summary>
    internal StoreWatch? Watch { get; init; }
}
