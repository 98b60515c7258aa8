using NpgsqlTypes;
using Posthouse.Storage;
using Posthouse.Storage.Commit;

namespace Posthouse.Postgres.Bulk;

/// <summary>Events of many jobs, appended in their order by one statement.</summary>
internal static class BulkEvents
{
    private const string Append = """
        WITH put AS (
          INSERT INTO event(at, room, subject, kind, owner, body)
          SELECT $1, $2, one.subject, $3, one.owner, one.body
          FROM unnest($4, $5, $6) WITH ORDINALITY AS one(subject, owner, body, place) ORDER BY one.place
          RETURNING position)
        SELECT max(position) FROM put
        """;

    /// <summary>Appends them to the log.</summary>
    public static void Run(PostgresDatabase database, Group group, string kind, string[] subjects, string?[] owners, byte[][] bodies) => Arrays.Read(
        database,
        Append,
        row => group.Changed(row.GetInt64(0)),
        Arrays.One(NpgsqlDbType.Bigint, group.NowMs),
        Arrays.One(NpgsqlDbType.Text, JobEventBodies.Room),
        Arrays.One(NpgsqlDbType.Text, kind),
        Arrays.Of(NpgsqlDbType.Text, subjects),
        Arrays.Of(NpgsqlDbType.Text, owners),
        Arrays.Of(NpgsqlDbType.Bytea, bodies));
}
